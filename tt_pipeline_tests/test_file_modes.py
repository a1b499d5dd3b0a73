"""The modes of files in a data dir, with the umask of most machines, which lets everybody read."""

import errno
import grp
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tt_pipeline.cli.health_checks import Mark
from tt_pipeline.cli.health_checks.environment import check_modes
from tt_pipeline.coverage import make_places
from tt_pipeline.data_dir import DataDir
from tt_pipeline.file_modes import areas, set_readers, share_export, tighten
from tt_pipeline.orchestration.plain_dagster import Storage
from tt_pipeline.settings import Settings
from tt_pipeline.warehouse import publish_file
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.warehouse.builders import CLOCK, land, load, page, video


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """New files can be read by everybody, unless the program prevents it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="module")
def group() -> str:
    """A group of this user; another one for root, who may use any."""
    if os.geteuid() == 0:
        return next(found.gr_name for found in grp.getgrall() if found.gr_gid not in {os.getegid(), *os.getgroups()})
    return grp.getgrgid(os.getegid()).gr_name


def modes(root: Path) -> dict[str, str]:
    """The mode of everything below a folder, and of the folder."""
    found = {path.relative_to(root).as_posix(): path for path in (root, *root.rglob("*"))}
    return {name: f"{path.stat().st_mode & 0o777:03o}" for name, path in sorted(found.items())}


def group_of(path: Path) -> str:
    """The name of the group of a file."""
    return grp.getgrgid(path.stat().st_gid).gr_name


def old_data_dir(root: Path) -> DataDir:
    """A data dir of an earlier version, which everybody can read."""
    files = DataDir(root)
    for folder in (files.landing / "videos", files.dagster / "logs", files.exports / "first", root / "mine"):
        folder.mkdir(parents=True)
    below = (files.landing / "videos/one.jsonl", files.dagster / "runs.db", files.exports / "first/videos.csv")
    for file in (
        files.published,
        files.report,
        root / "study.yaml",
        files.writer,
        files.internal / "ledger.sqlite",
        *below,
        root / "mine.R",
    ):
        file.write_text("")
    return files


CLOSED = {
    ".": "700",
    "exports": "700",
    "exports/first": "700",
    "exports/first/videos.csv": "600",
    "internal": "700",
    "internal/dagster": "700",
    "internal/dagster/logs": "700",
    "internal/dagster/runs.db": "600",
    "internal/landing": "700",
    "internal/landing/videos": "700",
    "internal/landing/videos/one.jsonl": "600",
    "internal/ledger.sqlite": "600",
    "internal/writer.duckdb": "600",
    "mine": "755",
    "mine.R": "644",
    "report.html": "600",
    "study.yaml": "600",
    "warehouse.duckdb": "600",
}
SHARED = CLOSED | {
    **dict.fromkeys((".", "exports", "exports/first"), "750"),
    **dict.fromkeys(("exports/first/videos.csv", "report.html", "warehouse.duckdb"), "640"),
}


def test_a_data_dir_of_an_earlier_version_is_closed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is closed once, with a message; files that people put there keep their readers."""
    files = old_data_dir(tmp_path / "data")
    with caplog.at_level(logging.WARNING):
        make_places(Settings(data_dir=files.root))

    assert modes(files.root) == CLOSED | {"internal/ledger.sqlite.lock": "600"}
    expected = [f"{files.root}: 17 files and folders had other readers; now only you can read them"]
    assert [record.getMessage() for record in caplog.records] == expected
    make_places(Settings(data_dir=files.root))
    assert len(caplog.records) == 1


def test_a_closed_data_dir_is_not_walked_through_again(tmp_path: Path) -> None:
    """A million landed files would take seconds at each start, so only the top folder is checked."""
    files = old_data_dir(tmp_path / "data")
    tighten(files)
    (files.landing / "videos/one.jsonl").chmod(0o644)
    tighten(files)
    assert modes(files.root) == CLOSED | {"internal/landing/videos/one.jsonl": "644"}


def test_a_group_reads_the_files_for_people(tmp_path: Path, group: str) -> None:
    """It reads the published file, the report and the exports, writes nothing, and does not see the rest."""
    root = old_data_dir(tmp_path / "data").root
    files = DataDir(root, share_group=group)
    tighten(files)

    assert modes(root) == SHARED
    shared = [root, files.published, files.report, *files.exports.rglob("*")]
    assert {group_of(path) for path in shared} == {group}
    tighten(DataDir(root))
    assert modes(root) == CLOSED


def test_a_publication_keeps_its_readers(tmp_path: Path, group: str) -> None:
    """The new file has the modes of the published one before it replaces it."""
    files = DataDir(tmp_path / "data", share_group=group)
    load(files.writer, [land(files.landing, [page(video(1))])])
    for reader, mode in ((group, "640"), (None, "600"), (group, "640")):
        publish_file(files.writer, files.published, CLOCK, share_group=reader)
        assert modes(files.published) == {".": mode}
    assert group_of(files.published) == group


def test_an_export_elsewhere_leaves_a_folder_as_it_is(tmp_path: Path, group: str) -> None:
    """The group can read the files; the mode of the existing folder does not change."""
    for name, is_new in (("new", True), ("known", False)):
        folder = tmp_path / name
        folder.mkdir(mode=0o755)
        (folder / "videos.csv").write_text("")
        share_export(folder, group, is_new=is_new)
    assert modes(tmp_path / "new") == {".": "750", "videos.csv": "640"}
    assert modes(tmp_path / "known") == {".": "755", "videos.csv": "640"}


def test_commands_create_nothing_that_others_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """This includes study, credentials, landing zone, ledger, Dagster's instance and all exports."""
    files, elsewhere = DataDir(tmp_path / "data"), tmp_path / "elsewhere"
    load(files.writer, [land(files.landing, [page(video(1))])])
    publish_file(files.writer, files.published, CLOCK)
    elsewhere.mkdir(mode=0o755)
    monkeypatch.setenv("TT_API_BASE_URL", "http://127.0.0.1:9")
    assert run("init") == 0
    assert run("status") == 0
    assert run("export", "marts.videos") == 0
    assert run("export", "marts.videos", "--to", str(elsewhere)) == 0
    assert run("export", "marts.videos", "--to", str(tmp_path / "further")) == 0
    capsys.readouterr()

    found = {name: mode for name, mode in modes(tmp_path).items() if name not in {".", "elsewhere"}}
    assert {name: mode for name, mode in found.items() if mode not in {"600", "700"}} == {}
    assert modes(elsewhere)["."] == "755"


def test_files_of_child_processes_are_closed_too(tmp_path: Path) -> None:
    """Dagster's processes, SQLite and DuckDB create files with the same modes."""
    run("describe", "core.videos")
    os.system(f"touch {tmp_path}/file && mkdir {tmp_path}/folder")  # noqa: S605 — a child process of any kind
    assert modes(tmp_path) == {".": "700", "file": "600", "folder": "700"}


def test_doctor_names_what_others_can_read_and_the_command_that_closes_it(tmp_path: Path) -> None:
    """After the command it reports nothing."""
    files = old_data_dir(tmp_path / "data")
    tighten(files)
    (files.landing / "videos/one.jsonl").chmod(0o644)
    found = check_modes(Settings(data_dir=files.root))
    first = files.landing / "videos/one.jsonl"
    assert (found.mark, found.says) == (
        Mark.WRONG,
        f"1 path has other readers than intended, {first} first: `chmod -R go= {files.internal}`.",
    )
    os.system(f"chmod -R go= {files.internal}")  # noqa: S605 — what the message says
    assert check_modes(Settings(data_dir=files.root)).mark is Mark.OK


def test_the_command_for_a_group_works(tmp_path: Path, group: str) -> None:
    """The command of the message works unchanged."""
    root = old_data_dir(tmp_path / "data").root
    files = DataDir(root, share_group=group)
    for area in areas(files):
        os.system(area.remedy())  # noqa: S605 — what the message says
    assert [path for area in areas(files) for path in area.misfits()] == []
    assert check_modes(Settings(data_dir=root, share_group=group)).says == (
        f"only you and the group {group} can read the data dir"
    )


def test_links_lead_to_files_of_others(tmp_path: Path) -> None:
    """The target of a link in the data dir keeps its readers."""
    files = old_data_dir(tmp_path / "data")
    outside = tmp_path / "outside.csv"
    outside.write_text("")
    (files.exports / "link.csv").symlink_to(outside)
    tighten(files)
    assert f"{outside.stat().st_mode & 0o777:o}" == "644"


def test_a_file_that_is_gone_changes_nothing(tmp_path: Path) -> None:
    """Another process may delete files at the same time."""
    assert not set_readers(tmp_path / "gone", None)


def test_plain_dagster_closes_its_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its processes do not start with our command line."""
    monkeypatch.setenv("TT_DATA_DIR", str(tmp_path / "data"))
    Storage.from_config_value(None, {}).dispose()
    assert {mode for name, mode in modes(tmp_path / "data").items() if name.startswith("internal/dagster/")} <= {
        "600",
        "700",
    }


def test_a_group_that_cannot_be_given_a_file_is_named(
    tmp_path: Path, group: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Only members of a group can give files to it; else the group would get nothing, and nobody would know why."""

    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    file = tmp_path / "warehouse.duckdb"
    file.touch()
    monkeypatch.setattr(os, "chown", refused)
    assert not set_readers(file, group)
    assert caplog.messages == [f"the group {group} cannot read {file}: Operation not permitted"]
