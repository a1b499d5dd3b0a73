"""`tt collect` over damaged files reports them, sets them aside, and ends with every row stored."""

import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import zstandard

from tt_pipeline.cli import main
from tt_pipeline.coverage.workspace import open_workspace
from tt_pipeline.data_dir import DataDir
from tt_pipeline.ingestion.delivery import publish_warehouse, rebuild_warehouse
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Simulator, running
from tt_pipeline_tests.journeys.children import (
    SharedClock,
    collect_all,
    deliver,
    differences,
    make_simulator,
    requests_of,
    settings_of,
    settle_in,
    tables,
)

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Original:
    """A complete collection, to be copied and damaged."""

    simulator: Simulator
    base_url: str
    clock: SharedClock
    settings: Settings


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Original]:
    """The collection, collected and published once."""
    clock = SharedClock(rate=1)
    simulator = make_simulator(clock, videos_per_day=60)
    with running(simulator) as base_url:
        settings = settle_in(tmp_path_factory.mktemp("original") / "data", base_url, clock)
        collect_all(settings, "first")
        deliver(settings)
        yield Original(simulator, base_url, clock, settings)


Spoil = Callable[[DataDir], Path]
"""Spoils a file of a data dir and gives its path."""


def landed_file(files: DataDir, dataset: str) -> Path:
    """The largest file of a dataset."""
    return max((files.landing / dataset).rglob("*.zst"), key=lambda path: path.stat().st_size)


def spoil_ledger(files: DataDir) -> Path:
    file = files.internal / "ledger.sqlite"
    content = bytearray(file.read_bytes())
    content[5 * 4096 : 6 * 4096] = bytes(4096)
    file.write_bytes(content)
    return file


def cut_ledger(files: DataDir) -> Path:
    file = files.internal / "ledger.sqlite"
    file.write_bytes(file.read_bytes()[:30_000])
    return file


def spoil_index(files: DataDir) -> Path:
    file = files.landing / "index.sqlite"
    file.write_bytes(b"no index " * 1_000)
    return file


def cut_packed(dataset: str) -> Spoil:
    """Delete the second half of a packed file."""

    def spoil(files: DataDir) -> Path:
        file = landed_file(files, dataset)
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        return file

    return spoil


def change_line(dataset: str, *, packed: bool = True) -> Spoil:
    """Make the first line invalid; a plain file is what a killed run leaves."""

    def spoil(files: DataDir) -> Path:
        file = landed_file(files, dataset)
        with zstandard.open(file, "rb") as content:
            _, *rest = content.read().splitlines(keepends=True)
        lines = b"".join([b"torn\n", *rest])
        if packed:
            file.write_bytes(zstandard.compress(lines))
            return file
        file.unlink()
        file.with_suffix("").write_bytes(lines)
        return file.with_suffix("")

    return spoil


# What is spoiled, and how many requests it may cost: no more than the pages that are lost.
CASES = {
    "ledger damaged": (spoil_ledger, 0),
    "ledger cut": (cut_ledger, 0),
    "index damaged": (spoil_index, 0),
    "window cut": (cut_packed("videos"), 10),
    "window bad line": (change_line("videos"), 10),
    "window plain": (change_line("videos", packed=False), 10),
    "comments cut": (cut_packed("comments"), 60),
    "comments bad line": (change_line("comments"), 10),
    "users bad line": (change_line("users"), 1),
}


_QUICK = {"ledger cut", "index damaged", "window bad line", "comments bad line"}
PARAMETERS = [
    pytest.param(*case, id=name, marks=() if name in _QUICK else (pytest.mark.slow,)) for name, case in CASES.items()
]


@pytest.mark.parametrize(("spoil", "most_requests"), PARAMETERS)
def test_a_damaged_file_costs_only_its_own_pages(
    original: Original,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    spoil: Spoil,
    most_requests: int,
) -> None:
    """Exit code 0, one line that names the file, the file kept, and the tables of an undisturbed run.

    If today's requests were lost with a ledger, a second line says that they were counted again.

    A rebuilt warehouse has the same tables.
    """
    shutil.copytree(original.settings.data_dir, tmp_path / "data")
    settings = settings_of(tmp_path / "data", original.base_url, original.clock)
    spoiled = spoil(settings.files)
    content, sent = spoiled.read_bytes(), len(requests_of(original.simulator))
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        main(["collect", "--from", "2025-03-03", "--to", "2025-03-07"])

    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    counted_again = [line for line in errors[1:] if "counted again" in line]
    assert (ended.value.code, errors[1:]) == (0, counted_again)
    assert f"{spoiled}" in errors[0]
    (aside,) = spoiled.parent.glob(f"{spoiled.name}.damaged-*Z")
    assert (aside.read_bytes(), aside.name in errors[0]) == (content, True)
    assert len(requests_of(original.simulator)) - sent <= most_requests
    grown = tables(settings)
    assert differences(grown, tables(original.settings)) == {}
    with open_workspace(settings) as workspace:
        rebuild_warehouse(workspace)
        publish_warehouse(workspace)
    assert differences(tables(settings), grown) == {}
