"""Bad input gets a clear message and exit code 2, outside problems 1; nothing is sent or changed."""

import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tt_pipeline.cli import main
from tt_pipeline.coverage.source import replace_source
from tt_pipeline.simulator import Fault, FaultKind, Knobs
from tt_pipeline_tests.journeys.conftest import Place

pytestmark = pytest.mark.journey

DAYS = ("--from", "2026-11-03", "--to", "2026-11-04")


@pytest.fixture
def collect(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Collect":
    """`tt collect` with the place's settings in the environment."""
    for name, value in place.environment().items():
        monkeypatch.setenv(name, value)
    return Collect(place, capsys)


class Collect:
    """Runs the command in this process."""

    def __init__(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self.capsys = place, capsys

    def __call__(self, options: Sequence[str] = DAYS) -> tuple[int, str]:
        """Exit code and message."""
        with pytest.raises(SystemExit) as ended:
            main(["collect", *options])
        printed = self.capsys.readouterr()
        return int(ended.value.code or 0), " ".join((printed.out + printed.err).split())


def files(place: Place) -> dict[Path, bytes]:
    """Every file in the data dir."""
    return {file: file.read_bytes() for file in place.settings.data_dir.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("TT_CLIENT_KEY", "TT_CLIENT_KEY is not set. Write it into"),
        ("TT_CLIENT_SECRET", "TT_CLIENT_SECRET is not set. Write it into"),
    ],
)
def test_missing_credentials(collect: Collect, monkeypatch: pytest.MonkeyPatch, variable: str, expected: str) -> None:
    """The message names the variable and where to set it."""
    monkeypatch.delenv(variable)
    before = files(collect.place)

    code, message = collect()

    assert (code, expected in message) == (2, True), message
    assert (files(collect.place), collect.place.simulator.log) == (before, [])


def test_wrong_credentials(collect: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's refusal names where key and secret come from, never the secret; it costs no request of the quota."""
    monkeypatch.setenv("TT_CLIENT_SECRET", "not-the-secret")

    code, message = collect()

    assert code == 2
    assert "does not accept the credentials (invalid_client" in message
    where = "TT_CLIENT_KEY and TT_CLIENT_SECRET in the environment"
    assert f"Check key and secret: {where}." in message
    assert "not-the-secret" not in message
    assert collect.place.simulator.charged() == 0


@pytest.mark.parametrize("knobs", [Knobs(faults=(Fault(kind=FaultKind.SCOPE_NOT_AUTHORIZED, always=True),))])
def test_an_application_that_is_not_approved(collect: Collect) -> None:
    """The message says that the credentials are right, what is missing, and that the simulator works."""
    code, message = collect()

    assert code == 2
    assert "TikTok has not approved it" in message
    assert "Until then you can work with the simulator" in message


def test_a_real_server_without_confirmation(collect: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    """No request is sent to a real server before the study confirms the quota."""
    monkeypatch.setenv("TT_API_BASE_URL", "https://open.tiktokapis.com")
    before = files(collect.place)

    code, message = collect()

    assert (code, "does not confirm the quota" in message) == (2, True)
    assert "`confirmed: true` under `quota`" in message
    assert files(collect.place) == before


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((*DAYS, "--search", "climat"), "has no search 'climat'; it has climate, football. Did you mean climate?"),
        (("--nonsense",), "No such option"),
    ],
)
def test_wrong_options(collect: Collect, options: Sequence[str], expected: str) -> None:
    """Nothing is sent or changed; each message has its case in `cli/test_options.py`."""
    before = files(collect.place)

    code, message = collect(options)

    assert (code, expected in message) == (2, True), message
    assert (files(collect.place), collect.place.simulator.log) == (before, [])


def test_a_wrong_study(collect: Collect) -> None:
    """A wrong field is named with file, line, value and the nearest valid one."""
    study = collect.place.settings.study_file
    study.write_text(study.read_text().replace("regions: [DE, AT]", "regoins: [DE, AT]"))

    code, message = collect()

    assert code == 2
    assert "study.yaml:6: searches.football.regoins:" in message
    assert "regions" in message
    assert collect.place.simulator.log == []


def test_no_study(collect: Collect) -> None:
    """Without a study the message says how to get one."""
    collect.place.settings.study_file.unlink()

    code, message = collect()

    assert (code, "tt init" in message) == (2, True)


def test_a_data_dir_of_another_source(collect: Collect) -> None:
    """The message names both sources."""
    replace_source(collect.place.settings.files, "http://127.0.0.1:1")
    before = files(collect.place)

    code, message = collect()

    assert (code, "contains data from http://127.0.0.1:1, but TT_API_BASE_URL is" in message) == (2, True)
    assert (files(collect.place), collect.place.simulator.log) == (before, [])


def test_a_server_that_is_not_there(collect: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the address; the data dir can still be used with another server."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setenv("TT_API_BASE_URL", nobody)

    code, message = collect()

    assert (code, f"No server answers at {nobody}" in message) == (1, True), message
    assert not collect.place.settings.files.source.exists()


OPEN_THE_FILE = (
    "import duckdb, sys; connection = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
)


def test_a_writers_file_that_is_open_in_another_program(collect: Collect) -> None:
    """No request is sent, because it could not be loaded; the message names the other process."""
    writer = collect.place.settings.files.writer
    writer.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", OPEN_THE_FILE, str(writer)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "open\n"

        code, message = collect()

        holder.communicate("")
    assert (code, "writer.duckdb is open in" in message, str(holder.pid) in message) == (1, True, True), message
    assert collect.place.simulator.log == []
