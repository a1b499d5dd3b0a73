"""Each trouble is told once, and again when it is over; a target that fails delays and breaks nothing."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tt_pipeline.alerts import Told, Trouble, tell, tell_test
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import AlertKind
from tt_pipeline_tests.collection_lab import NOON

DISK = Trouble(kind=AlertKind.DISK_LOW, says="The disk is full.")
SILENT = Trouble(kind=AlertKind.SILENT_DAY, says="Nothing was found.")
ALL = frozenset(AlertKind)
KEPT = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(10))"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data dir whose alerts are appended to a file."""
    (tmp_path / "internal").mkdir()
    command = f'{sys.executable} -c "{KEPT}" {tmp_path / "told.jsonl"}'
    return Settings(data_dir=tmp_path, alert_command=command)


def told(settings: Settings) -> list[dict[str, Any]]:
    """What the command was told."""
    file = settings.data_dir / "told.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_trouble_is_told_once_and_its_end_once(settings: Settings) -> None:
    """Also when the sentence changes meanwhile, for example because the disk gets fuller."""
    later = Trouble(kind=AlertKind.DISK_LOW, says="The disk is fuller.")
    for found in ([DISK], [later], [later, SILENT], [SILENT], [SILENT], []):
        tell(settings, "A study", found, NOON, judged=ALL)
    assert [(message["alert"], message["is_over"]) for message in told(settings)] == [
        ("disk_low", False),
        ("silent_day", False),
        ("disk_low", True),
        ("silent_day", True),
    ]
    assert told(settings)[2]["text"] == "A study: Well again: the disk has room for loading and publishing."


@pytest.mark.parametrize("kind", AlertKind)
def test_every_end_says_what_is_well_again(settings: Settings, kind: AlertKind) -> None:
    """The trouble itself is not repeated: read in a hurry, it would be a new one."""
    for found in ([Trouble(kind=kind, says="It is bad.")], []):
        tell(settings, "A study", found, NOON, judged=ALL)
    (_, end) = told(settings)
    assert (end["says"].startswith("Well again: "), "bad" in end["says"], end["says"][-1]) == (True, False, ".")


def test_a_trouble_that_nobody_looked_for_is_not_over(settings: Settings) -> None:
    """While the study cannot be read, nothing is known of the disk; so it is when the study no longer wants to hear."""
    tell(settings, "A study", [DISK], NOON, judged=ALL)
    tell(settings, "A study", [], NOON, judged={AlertKind.STUDY_BROKEN})
    assert [message["is_over"] for message in told(settings)] == [False]
    tell(settings, "A study", [], NOON, judged=ALL)
    assert [message["is_over"] for message in told(settings)] == [False, True]


def test_what_was_not_told_is_tried_again(settings: Settings) -> None:
    """A command that fails is no reason to forget the trouble."""
    tell(settings.model_copy(update={"alert_command": "false"}), "A study", [DISK], NOON, judged=ALL)
    tell(settings.model_copy(update={"alert_command": "/no/such/program"}), "A study", [DISK], NOON, judged=ALL)
    assert told(settings) == []
    tell(settings, "A study", [DISK], NOON, judged=ALL)
    assert [message["alert"] for message in told(settings)] == ["disk_low"]


def test_nothing_is_written_where_nobody_is_named(settings: Settings) -> None:
    """The data dir stays as it is."""
    tell(settings.model_copy(update={"alert_command": ""}), "A study", [DISK], NOON, judged=ALL)
    assert [path.name for path in settings.files.internal.iterdir()] == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"disk_low": 1}'])
def test_a_damaged_memory_tells_again(settings: Settings, content: str) -> None:
    """Being told twice is better than never."""
    (settings.files.internal / "alerts.json").write_text(content)
    tell(settings, "A study", [SILENT], NOON, judged=ALL)
    assert "silent_day" in {message["alert"] for message in told(settings)}


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[bytes], list[int]]]:
    """A server on this machine: its address, the bodies it got, and the statuses it answers with."""
    bodies: list[bytes] = []
    statuses: list[int] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/secret", bodies, statuses
    finally:
        server.shutdown()
        server.server_close()


def test_a_webhook_gets_json(settings: Settings, webhook: tuple[str, list[bytes], list[int]]) -> None:
    """A status that is no success is a failure; the address is shown nowhere."""
    address, bodies, statuses = webhook
    hooked = settings.model_copy(update={"alert_webhook": SecretStr(address), "alert_command": ""})
    statuses.append(500)
    assert tell_test(hooked, "A study", NOON) == [Told(target="127.0.0.1", problem="it answered with status 500")]
    assert tell_test(hooked, "A study", NOON) == [Told(target="127.0.0.1", problem=None)]
    assert json.loads(bodies[1]) == {
        "study": "A study",
        "alert": "test",
        "is_over": False,
        "at": "2026-11-20T12:00:00+00:00",
        "says": "This is a test: alerts of this study arrive here.",
        "text": "A study: This is a test: alerts of this study arrive here.",
    }
    assert address not in repr(hooked)


def test_a_webhook_that_is_down_is_named_without_its_address(settings: Settings) -> None:
    """The message has the host alone."""
    down = settings.model_copy(update={"alert_webhook": SecretStr("http://127.0.0.1:9/secret"), "alert_command": ""})
    (result,) = tell_test(down, "A study", NOON)
    assert (result.target, "secret" in str(result)) == ("127.0.0.1", False)
    assert result.problem == "it does not answer (ConnectError)"
