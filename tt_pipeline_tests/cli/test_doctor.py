"""For each problem made on purpose, `tt doctor` prints one line with the problem and the remedy."""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import dagster as dg
import duckdb
import httpx
import pytest

from tt_pipeline.cli.health_checks import Finding, Mark
from tt_pipeline.cli.health_checks.environment import check_clock, check_disk
from tt_pipeline.coverage.source import replace_source
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import ServerUnreachable
from tt_pipeline.file_modes import tighten
from tt_pipeline.ingestion.delivery import EVERY_FILE_IS_LOADED
from tt_pipeline.landing import LandingZone
from tt_pipeline.orchestration import open_instance
from tt_pipeline.quota import Ledger, Purpose, key_fingerprint
from tt_pipeline.research_api.auth import Credentials
from tt_pipeline.research_api.probe import probe_server
from tt_pipeline.safe_files import lease
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.vocabulary import Bucket
from tt_pipeline.warehouse.checks import CHECKS
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.warehouse.builders import CLOCK, NEXT_LOOK, land, load, packed, page, video
from tt_pipeline_tests.warehouse.other_process import open_in_another_process

STUDY = """\
study: Wild bees
start: 2026-10-01
searches:
  climate: {hashtags: [wildbees]}
"""
SERVER = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data dir without a problem."""
    folder = tmp_path_factory.mktemp("whole") / "data"
    files = DataDir(folder)
    load(files.writer, [land(files.landing, [page(video(1))])])
    publish_file(files.writer, files.published, CLOCK)
    replace_source(files, SERVER)
    (folder / "study.yaml").write_text(STUDY)
    with _ledger(folder) as ledger:
        _spend(ledger)
    tighten(files)
    return folder


@pytest.fixture
def data(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data dir that a test may break, and its settings."""
    folder = tmp_path / "data"
    shutil.copytree(whole, folder)
    for name, value in {
        "TT_API_BASE_URL": SERVER,
        "TT_CLIENT_KEY": "sim-key",
        "TT_CLIENT_SECRET": "sim-secret",
        "TT_DATA_DIR": str(folder),
        "TT_CLOCK": "2026-11-06T12:00:00+00:00@1",
    }.items():
        monkeypatch.setenv(name, value)
    return folder


def _ledger(folder: Path) -> Ledger:
    clock = FrozenClock(datetime(2026, 11, 6, 11, tzinfo=UTC))
    return Ledger(folder / "internal" / "ledger.sqlite", client_key=key_fingerprint("sim-key"), clock=clock)


def _spend(ledger: Ledger, *, status: int = 200, code: str = "ok") -> None:
    reserved = ledger.gate(Purpose(study="s", dataset="videos")).reserve(Bucket.MAIN, "video_query")
    reserved.settle(status=status, code=code, log_id="L", records=1, slots=1, seconds=1)


def lines(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    """Mark and text of each printed line."""
    found = re.findall(r"^(ok|note|not ok) +([^:]+): (.*)$", capsys.readouterr().out, re.MULTILINE)
    return {name: (mark, says) for mark, name, says in found}


def wrong(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that are not ok."""
    return [name for name, (mark, _) in lines(capsys).items() if mark == "not ok"]


def test_nothing_is_wrong(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every line is ok, the exit code is 0, and no request was sent: no server listens."""
    assert run("doctor") == 0
    printed = lines(capsys)
    assert {name: mark for name, (mark, _) in printed.items() if mark != "ok"} == {}
    assert list(printed) == [
        *("settings", "python", "data dir", "disk", "study", "source", "credentials", "file modes", "network"),
        *("ledger", "landing index", "quota", "dagster", "landed files", "published", "writer's file"),
        "checks of tables",
    ]
    names = [*(check.name for check in CHECKS), "every_landed_file_is_loaded"]
    assert printed["checks of tables"][1] == f"{len(names)} of {len(names)} passed: {', '.join(names)}"
    assert printed["quota"][1] == "1 of 1,000 used; resets 2026-11-07 00:00 UTC"
    assert data.exists()


def test_a_backup_is_recommended_where_answers_cost_quota(
    data: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not for a simulator's answers; a backup of today is ok."""
    (data / "internal" / "source.json").write_text('{"api_base_url": "https://open.tiktokapis.com"}')
    run("doctor")
    assert lines(capsys)["backup"][0] == "note"
    to = tmp_path_factory.mktemp("elsewhere") / "backup"
    assert run("backup", str(to)) == 0
    run("doctor")
    assert lines(capsys)["backup"] == ("ok", f"{to}, 0 days old")


def test_an_empty_folder_is_not_a_fault_of_the_warehouse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new folder lacks the study and, with --online, credentials; no file is created."""
    monkeypatch.setenv("TT_DATA_DIR", str(tmp_path / "new"))
    assert (run("doctor"), wrong(capsys)) == (1, ["study"])
    assert (run("doctor", "--online"), wrong(capsys)) == (1, ["study", "credentials"])
    assert list(tmp_path.iterdir()) == []


def _misspell(data: Path) -> None:
    (data / "study.yaml").write_text(STUDY.replace("hashtags", "hastags"))


def _give_to_another_server(data: Path) -> None:
    (data / "internal" / "source.json").write_text('{"api_base_url": "https://open.tiktokapis.com"}')


def _spoil_the_source(data: Path) -> None:
    (data / "internal" / "source.json").write_text("{}")


def _show_the_env(data: Path) -> None:
    env = data.parent / ".env"
    env.write_text("TT_CLIENT_KEY=sim-key\n")
    env.chmod(0o644)


def _damage(*names: str) -> Callable[[Path], None]:
    def damage(data: Path) -> None:
        path = data.joinpath(*names)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"no database at all " * 500)

    return damage


def _repeat_a_key(data: Path) -> None:
    with Writer(data / "internal" / "writer.duckdb", CLOCK) as writer:
        writer.connection.execute("insert into core.videos select * from core.videos")


def _land_without_loading(data: Path) -> None:
    land(DataDir(data).landing, [page(video(3))], load_id=NEXT_LOOK)
    _an_hour_ago(data)


def _an_hour_ago(data: Path) -> None:
    """Let every landed file be an hour old, so that a publication has had its time."""
    for path in DataDir(data).landing.rglob("*.ndjson*"):
        os.utime(path, (path.stat().st_mtime - 3_600,) * 2)


def _cut_a_landed_file_off(data: Path) -> None:
    landed = packed(land(DataDir(data).landing, [page(video(3))], load_id=NEXT_LOOK))
    landed.path.write_bytes(landed.path.read_bytes()[:-4])


def _change_a_loaded_line(data: Path) -> None:
    landed = _indexed(data)
    landed.write_bytes(landed.read_bytes().replace(b"creator_1", b"creator_2"))


def _rename_a_loaded_file(data: Path) -> None:
    """Rename a landed file whose rows are all in the warehouse."""
    _change_a_loaded_line(data)
    with LandingZone(DataDir(data).landing):
        pass
    _an_hour_ago(data)


def _remove_a_landed_file(data: Path) -> None:
    _indexed(data).unlink()


def _indexed(data: Path) -> Path:
    landing = DataDir(data).landing
    with LandingZone(landing):
        pass
    (landed,) = landing.rglob("*.ndjson")
    return landed


def _take_the_dagster_folder(data: Path) -> None:
    (data / "internal" / "dagster").write_text("a file")


@pytest.mark.parametrize(
    ("break_it", "name", "says"),
    [
        (_misspell, "study", "did you mean hashtags"),
        (_give_to_another_server, "source", "set TT_DATA_DIR to another folder"),
        (_spoil_the_source, "source", "api_base_url"),
        (_show_the_env, "credentials", "`chmod 600 .env`"),
        (_damage("internal", "ledger.sqlite"), "ledger", "The next `tt collect` renames it"),
        (_damage("internal", "landing", "index.sqlite"), "landing index", "landed pages are not lost"),
        (_damage("warehouse.duckdb"), "published", "`tt rebuild` makes it again from the landed files"),
        (_damage("internal", "writer.duckdb"), "writer's file", "`tt rebuild` makes it again from the landed files"),
        (_take_the_dagster_folder, "dagster", "Move the folder away"),
        (
            _land_without_loading,
            EVERY_FILE_IS_LOADED,
            f"1 landed file is not loaded completely. load_id={NEXT_LOOK}.",
        ),
        (
            _cut_a_landed_file_off,
            "landed files",
            f"1 file is damaged: {NEXT_LOOK}.ndjson.zst is cut off. Put the files back",
        ),
        (_rename_a_loaded_file, EVERY_FILE_IS_LOADED, ".mended-"),
        (_change_a_loaded_line, "landed files", ".ndjson:1 is not a landed page (its body is not the one that was"),
        (_remove_a_landed_file, "landed files", ".ndjson is gone. Put the files back"),
        (
            _repeat_a_key,
            "keys_are_unique",
            "in their table: 1. table_name=core.videos repeated_keys=1. Run `tt rebuild`",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_only_the_line_of_the_problem_is_not_ok(
    data: Path, break_it: Callable[[Path], None], name: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 1, and the line has the remedy."""
    break_it(data)
    assert run("doctor") == 1
    printed = lines(capsys)
    found = [name for name, (mark, _) in printed.items() if mark == "not ok"]
    assert (found, says.lower() in printed[name][1].lower()) == ([name], True), printed[name]


def test_a_doctor_repairs_nothing(data: Path) -> None:
    """A damaged ledger and index are unchanged: `tt collect` renames them."""
    _damage("internal", "ledger.sqlite")(data)
    _damage("internal", "landing", "index.sqlite")(data)
    before = {path.name: path.read_bytes() for path in data.rglob("*.sqlite*")}
    assert run("doctor") == 1
    assert {path.name: path.read_bytes() for path in data.rglob("*.sqlite*")} == before


def _everything(data: Path) -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in data.rglob("*")}


def test_a_doctor_creates_and_changes_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in the ledger nor in Dagster's instance; it counts the runs of the instance all the same."""
    with open_instance(DataDir(data)) as instance:
        instance.add_run(dg.DagsterRun(job_name="collect"))
    tighten(DataDir(data))
    with closing(sqlite3.connect(data / "internal" / "ledger.sqlite")) as ledger:
        ledger.execute("drop table landing_zones")  # an earlier version of tt_pipeline made it
    for name in ("ledger.sqlite.lock", "ledger.sqlite-wal", "ledger.sqlite-shm"):
        (data / "internal" / name).unlink(missing_ok=True)
    before = _everything(data)

    assert run("doctor") == 0

    assert _everything(data) == before
    assert lines(capsys)["dagster"][1].endswith(": 1 run")


def test_the_quota_of_an_unreadable_ledger_is_not_shown(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even that it knows no request: its own line says what is wrong."""
    with closing(sqlite3.connect(data / "internal" / "ledger.sqlite")) as ledger:
        ledger.execute("pragma user_version = 99")
    assert run("doctor") == 1
    mark, says = lines(capsys)["quota"]
    assert (mark, says) == ("note", "not checked, because the ledger cannot be read; its line says why.")


def test_a_doctor_updates_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A writer's file of an earlier version and a ledger of a later one are named and stay as they are."""
    internal = data / "internal"
    (internal / "writer.lease").unlink(missing_ok=True)
    with duckdb.connect(internal / "writer.duckdb") as connection:
        connection.execute("alter table core.videos drop column voice_to_text")
    with closing(sqlite3.connect(internal / "ledger.sqlite")) as ledger:
        ledger.execute("pragma user_version = 99")
    before = {path: path.read_bytes() for path in (internal / "writer.duckdb", internal / "ledger.sqlite")}

    assert run("doctor") == 1

    told = lines(capsys)
    assert told["writer's file"][0] == "note"
    assert "lacks columns and gets them, completely or not at all" in told["writer's file"][1]
    assert (told["ledger"][0], "version 99" in told["ledger"][1]) == ("not ok", True)
    assert {path: path.read_bytes() for path in before} == before
    assert not (internal / "writer.lease").exists()


@pytest.mark.parametrize(
    ("variable", "value", "name", "says"),
    [
        ("TT_CLIENT_SECRET", "", "credentials", "TT_CLIENT_SECRET is not set"),
        ("TT_CLOCK", "teatime", "settings", "TT_CLOCK"),
        ("TT_API_BASE_URL", "open.tiktokapis.com", "settings", "does not start with https://"),
        ("SSLKEYLOGFILE", "/nowhere/keys", "network", "SSLKEYLOGFILE is '/nowhere/keys', which cannot be written"),
    ],
)
def test_a_wrong_setting_is_named(
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    name: str,
    says: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The line has the variable; without settings no other line is printed."""
    monkeypatch.setenv(variable, value)
    assert run("doctor") == 1
    printed = lines(capsys)
    assert (printed[name][0], says in printed[name][1], data.exists()) == ("not ok", True, True)


PROXIES = {
    "direct": ({}, "ok", "https://open.tiktokapis.com is reached without a proxy"),
    "proxy": (
        {"HTTPS_PROXY": "lena:geheim@p.example.org"},
        "ok",
        "https://open.tiktokapis.com is reached through the proxy …@p.example.org; HTTPS_PROXY is '…@p.example.org'",
    ),
    "socks": (
        {"ALL_PROXY": "socks5://lena:geheim@p:1"},
        "not ok",
        "ALL_PROXY is 'socks5://…@p:1', but SOCKS proxies are not supported; name an HTTP proxy.",
    ),
    "certificates": (
        {"SSL_CERT_FILE": "/nowhere.pem"},
        "not ok",
        "SSL_CERT_FILE is '/nowhere.pem', which cannot be read: No such file or directory.",
    ),
}


@pytest.mark.parametrize(("variables", "mark", "says"), PROXIES.values(), ids=PROXIES)
def test_proxies_and_certificates(
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    mark: str,
    says: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The variables used for the server are printed with their values, without passwords."""
    monkeypatch.setenv("TT_API_BASE_URL", "https://open.tiktokapis.com")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    run("doctor")
    mark_and_text = lines(capsys)["network"]
    assert (mark_and_text[0], mark_and_text[1].removesuffix(" Correct the variable, or remove it."), data.exists()) == (
        mark,
        says,
        True,
    )


def test_a_folder_that_cannot_be_written_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The path of the data dir is a file."""
    monkeypatch.setenv("TT_DATA_DIR", str(data / "study.yaml"))
    monkeypatch.setenv("TT_STUDY", str(data / "study.yaml"))
    assert run("doctor") == 1
    says = lines(capsys)["settings"][1]
    assert ("TT_DATA_DIR is" in says, "Name a folder of yours" in says) == (True, True)


@pytest.mark.parametrize("shut", ["internal/ledger.sqlite", "internal/landing", "internal/writer.duckdb"])
def test_a_read_only_file_is_not_called_damaged(
    data: Path, monkeypatch: pytest.MonkeyPatch, shut: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line has the permission and the remedy; checks that need to write are left out."""
    monkeypatch.setattr(os, "access", lambda path, mode: not (mode == os.W_OK and shut in f"{path}"))
    (data / "internal" / "landing" / "index.sqlite").touch()
    assert run("doctor") == 1
    printed = lines(capsys)
    assert [name for name, (mark, _) in printed.items() if mark == "not ok"] == ["data dir"]
    assert ("Its files are unchanged" in printed["data dir"][1], "sudo chown" in printed["data dir"][1]) == (True, True)
    assert (printed["further"][0], {"ledger", "landing index", "writer's file"} & printed.keys()) == ("note", set())


def test_the_process_with_the_published_file_open_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The remedy is to close the file, not to rebuild it."""
    with open_in_another_process(data / "warehouse.duckdb") as holder:
        assert run("doctor") == 1
        says = lines(capsys)["published"][1]
        assert (f"is open in process {holder} (" in says, "Close it there" in says) == (True, True)
        assert "tt rebuild" not in says
        assert run("sql", "select 1") == 1
        assert f"process {holder}" in capsys.readouterr().err


def test_landed_pages_are_published_without_requests(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If the published file is missing, the remedy is `tt rebuild`, which sends nothing."""
    (data / "warehouse.duckdb").unlink()
    assert run("doctor") == 0
    assert "`tt rebuild` makes it again from the landed files and sends no request" in lines(capsys)["published"][1]


def test_a_reader_without_credentials_has_no_fault(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Data of a simulator needs no key and no yes, and its source is a note; with --online both are faults."""
    monkeypatch.setenv("TT_CLIENT_KEY", "")
    monkeypatch.setenv("TT_CLIENT_SECRET", "")
    monkeypatch.setenv("TT_API_BASE_URL", "https://open.tiktokapis.com")
    assert run("doctor") == 0
    printed = lines(capsys)
    assert {name for name, (mark, _) in printed.items() if mark == "note"} == {"source"}
    assert "invented answers of a simulator" in printed["source"][1]
    assert printed["credentials"] == ("ok", "no key is set, and reading the data of a simulator needs none")
    assert (run("doctor", "--online"), wrong(capsys)) == (1, ["source", "credentials"])
    assert data.exists()


def test_the_process_with_the_writers_file_open_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line has its process id and command line."""
    with open_in_another_process(data / "internal" / "writer.duckdb") as holder:
        assert run("doctor") == 1
    mark, says = lines(capsys)["writer's file"]
    assert (mark, f"process {holder}" in says) == ("not ok", True)


def test_a_running_load_is_not_a_fault(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A running process of ours is a note."""
    with lease(data / "internal" / "writer.lease"):
        assert run("doctor") == 0
    assert lines(capsys)["writer's file"][0] == "note"


def test_a_running_collection_is_not_a_fault(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its landed pages are loaded when it ends."""
    landing = DataDir(data).landing
    land(landing, [page(video(3))], load_id=NEXT_LOOK)
    with lease(landing / "videos" / "climate" / "ffffffff" / ".lease"):
        assert run("doctor") == 0
    assert lines(capsys)[EVERY_FILE_IS_LOADED][0] == "note"
    assert run("doctor") == 0  # Dagster publishes in a later run
    assert lines(capsys)[EVERY_FILE_IS_LOADED][0] == "note"
    _an_hour_ago(data)
    assert run("doctor") == 1


def test_a_deleted_writers_file_is_noted(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not a fault, because the next collection makes it again, but the user should know."""
    (data / "internal" / "writer.duckdb").unlink()
    assert run("doctor") == 0
    mark, says = lines(capsys)["writer's file"]
    assert (mark, "is gone. The next `tt collect` makes it again" in says) == ("note", True)


def test_files_in_the_index_are_not_read_again(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files that are unchanged since the index are not opened; without an index they are read."""
    _an_hour_ago(data)
    landed = _indexed(data)
    stamp = landed.stat()
    landed.write_bytes(b"\n" * stamp.st_size)
    os.utime(landed, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert (run("doctor"), wrong(capsys)) == (0, [])
    assert (run("doctor", "--deep"), wrong(capsys)) == (1, ["landed files"])
    (DataDir(data).landing / "index.sqlite").unlink()
    assert (run("doctor"), wrong(capsys)) == (1, ["landed files", EVERY_FILE_IS_LOADED])


def test_a_sound_landing_zone_is_shown_with_the_files_read(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an index every file is read, with one none, and with --deep every file."""
    landed = []
    for options in ([], ["--deep"]):
        assert run("doctor", *options) == 0
        landed.append(lines(capsys)["landed files"][1])
    _indexed(data)
    assert run("doctor") == 0
    landed.append(lines(capsys)["landed files"][1])
    assert landed == [
        "1; 1 file was read, because the index does not know them",
        "1; all were read",
        "1, as the index knows them",
    ]


def test_notes_are_not_faults(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A used-up quota, an old publication and an unconfirmed study are notes; the exit code is 0."""
    with _ledger(data) as ledger:
        _spend(ledger, status=429, code="daily_quota_limit_exceeded")
    monkeypatch.setenv("TT_API_BASE_URL", "https://open.tiktokapis.com")
    _give_to_another_server(data)
    assert run("doctor") == 0
    printed = lines(capsys)
    assert (printed["quota"][0], printed["study"][0]) == ("note", "note")
    assert printed["quota"][1] == (
        "1 of 1,000 used (the server says it is used up); resets 2026-11-07 00:00 UTC. `tt collect` continues then."
    )
    monkeypatch.setenv("TT_CLOCK", "2026-11-16T12:00:00+00:00@1")
    assert run("doctor") == 0
    assert "10 days old" in lines(capsys)["published"][1]


def test_full_disks_and_wrong_clocks_are_reported() -> None:
    """These problems are passed as values, because a test cannot make them."""
    found = [
        check_disk(2**29, 2**30),
        check_clock(timedelta(seconds=-61)),
        check_clock(timedelta(minutes=3)),
        check_clock(timedelta(seconds=2)),
        check_clock(None),
    ]
    assert [(finding.name, finding.mark) for finding in found] == [
        ("disk", Mark.WRONG),
        ("clock", Mark.WRONG),
        ("clock", Mark.WRONG),
        ("clock", Mark.OK),
        ("clock", Mark.NOTE),
    ]
    assert found[0] == Finding(
        name="disk", mark=Mark.WRONG, says="0.5 GiB are free, and 1.0 are needed: make room, or move the data dir."
    )
    assert found[1].says == "this machine is 61 s behind the server: set its clock by NTP."


def test_online_requests_one_token_and_nothing_else(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Server and clock have a line each; wrong credentials are reported without printing them."""
    simulator = Simulator(
        World.until_yesterday(CLOCK.now(), seed=1, days=2, videos_per_day=5), knobs=Knobs(), now=CLOCK.now
    )
    with running(simulator) as base_url:
        monkeypatch.setenv("TT_API_BASE_URL", base_url)
        replace_source(DataDir(data), base_url)
        assert run("doctor", "--online") == 0
        printed = lines(capsys)
        assert (printed["server"], printed["clock"][0]) == (("ok", f"{base_url} accepts the credentials"), "ok")
        assert [request.endpoint for request in simulator.log] == ["oauth_token"]

        monkeypatch.setenv("TT_CLIENT_SECRET", "wrong-one")
        assert run("doctor", "--online") == 1
        printed = lines(capsys)
        assert (
            printed["server"][0],
            "Check key and secret: TT_CLIENT_KEY and TT_CLIENT_SECRET in the environment" in printed["server"][1],
        ) == ("not ok", True)
        assert "wrong-one" not in str(printed)


def test_an_unreachable_server_is_reported(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is reported only with --online, and not as a fault of the data dir."""
    assert run("doctor", "--online") == 1
    assert "No server answers at http://127.0.0.1:9" in lines(capsys)["server"][1]
    assert data.exists()


def test_the_servers_clock_is_read_from_its_answer() -> None:
    """The Date header is used, not this machine's clock; an invalid header gives no time."""
    now = datetime(2026, 11, 6, 12, tzinfo=UTC)

    def answer(date: str) -> httpx.MockTransport:
        body = {"access_token": "clt.x", "expires_in": 7200, "token_type": "Bearer"}
        return httpx.MockTransport(lambda _: httpx.Response(200, json=body, headers={"Date": date}))

    def ahead(date: str) -> timedelta | None:
        greeted = probe_server(
            Credentials(client_key="k", client_secret="s"),
            base_url="https://example.org",
            clock=FrozenClock(now),
            transport=answer(date),
        )
        return greeted.ahead

    assert ahead(format_datetime(now - timedelta(seconds=90), usegmt=True)) == timedelta(seconds=90)
    assert ahead("soon") is None


def test_a_request_without_an_answer_is_not_repeated() -> None:
    """One request is sent, whatever its result."""
    requests: list[httpx.Request] = []

    def silent(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        raise httpx.ReadTimeout("")

    with pytest.raises(ServerUnreachable, match="ReadTimeout"):
        probe_server(
            Credentials(client_key="k", client_secret="s"),
            base_url="https://example.org",
            clock=CLOCK,
            transport=httpx.MockTransport(silent),
        )
    assert len(requests) == 1
