"""The data dir of each released version is opened by this one, and the collection goes on where it was."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.landing import Inventory
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.data_dirs import ARCHIVES, COLLECTED, SmallWorld, small_world, tie_to, unpack

pytestmark = pytest.mark.journey
of_each_version = pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name.removesuffix(".tar.xz"))


@pytest.fixture
def world() -> Iterator[SmallWorld]:
    with small_world() as world:
        yield world


def use(monkeypatch: pytest.MonkeyPatch, world: SmallWorld, data: Path) -> None:
    """Let commands work on this data dir."""
    for name, value in world.variables(data).items():
        monkeypatch.setenv(name, value)


def rows(data: Path) -> dict[str, int]:
    """The number of rows of each table of core, and of loads."""
    with duckdb.connect(data / "warehouse.duckdb", read_only=True) as connection:
        found = connection.execute("select table_name from duckdb_tables() where schema_name = 'core'").fetchall()
        tables = [*(f"core.{name}" for (name,) in found), "ops.loads"]
        return {name: connection.execute(f"select count(*) from {name}").fetchall()[0][0] for name in tables}


def sent(world: SmallWorld) -> list[tuple[str, str]]:
    """Endpoint and body of every request so far, without those for tokens."""
    return [(each.endpoint, repr(each.body)) for each in world.simulator.log if "oauth" not in each.endpoint]


def landed(data: Path) -> set[tuple[str, str]]:
    """Endpoint and body of the request of every landed page."""
    files = Inventory(data / "internal" / "landing").locations()
    return {(page.endpoint, repr(page.request)) for file in files for page in file.envelopes()}


def test_there_is_a_data_dir_of_this_version() -> None:
    """`python -m tt_pipeline_tests.data_dirs` makes it, before a release (docs/contributing/release.md)."""
    assert f"{version('tt-pipeline')}.tar.xz" in [archive.name for archive in ARCHIVES]


@of_each_version
def test_a_data_dir_of_an_earlier_version_goes_on(
    archive: Path, world: SmallWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command opens it; nothing is requested twice, no row is lost, and a new day is collected."""
    data, _ = unpack(archive, tmp_path)
    tie_to(data, world.base_url)
    use(monkeypatch, world, data)
    before = rows(data)
    assert before["core.videos"] > 50

    for command in (["doctor"], ["status"], ["verify"], ["collect", *COLLECTED], ["rebuild"]):
        assert (command, run(*command)) == (command, 0)
        assert {name: rows(data)[name] for name in before} == before
    assert sent(world) == []

    assert run("collect") == 0
    assert sent(world)
    assert rows(data)["core.videos"] > before["core.videos"]
    assert run("doctor") == 0


@of_each_version
def test_a_backup_of_an_earlier_version_is_restored_and_goes_on(
    archive: Path, world: SmallWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moving to another machine and updating at the same time: the content is equal, and nothing is requested twice."""
    data, backup = unpack(archive, tmp_path)
    before, moved = rows(data), tmp_path / "moved"
    use(monkeypatch, world, moved)

    assert run("restore", str(backup)) == 0
    tie_to(moved, world.base_url)
    assert run("collect", *COLLECTED) == 0
    assert (sent(world), {name: rows(moved)[name] for name in before}) == ([], before)

    known = landed(moved)
    assert run("collect") == 0
    assert sent(world)
    assert not known & set(sent(world))
    assert run("backup", str(backup)) == 0  # of the same landing folder, made by another version
    assert run("verify") == 0
