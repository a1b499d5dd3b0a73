"""`tt up` tells that Dagster cannot load the definitions, which no sensor of these definitions could."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_graphql.schema import create_schema
from graphql import parse, validate

from tt_pipeline.cli import up_steps
from tt_pipeline.cli.dagster_server import say_what_waits
from tt_pipeline.cli.up_steps import _LOCATION_STATE, _RELOAD, StepFailed, prepare, run_step, tell_of_location
from tt_pipeline.orchestration import open_instance
from tt_pipeline.orchestration.names import origin_of
from tt_pipeline.settings import Settings
from tt_pipeline_tests.collection_lab import STUDY

KEPT = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(10))"
BROKEN = {"__typename": "PythonError", "message": "ModuleNotFoundError: No module named 'polars'\n"}
LOADED = {"__typename": "RepositoryLocation"}


@pytest.fixture
def ui() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A UI in which the location is as each entry of the list says, in turn; also after a request to load it."""
    states: list[dict[str, Any]] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            field = "reloadRepositoryLocation" if b"mutation" in asked else "workspaceLocationEntryOrError"
            entry = {field: {"locationOrLoadError": states.pop(0)}}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"data": entry}).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", states
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster needs no time."""
    monkeypatch.setattr(up_steps, "_SETTLES_S", 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data dir with a study, whose alerts are appended to a file."""
    (tmp_path / "internal").mkdir()
    (tmp_path / "study.yaml").write_text(STUDY)
    return Settings(data_dir=tmp_path, alert_command=f'{sys.executable} -c "{KEPT}" {tmp_path / "told.jsonl"}')


def told(settings: Settings) -> list[tuple[str, bool]]:
    """What the command was told."""
    file = settings.data_dir / "told.jsonl"
    messages = map(json.loads, file.read_text().splitlines()) if file.exists() else ()
    return [(message["alert"], message["is_over"]) for message in messages]


def test_a_location_that_does_not_load_is_told_once(settings: Settings, ui: tuple[str, list[dict[str, Any]]]) -> None:
    """And when it is loaded again; an UI that does not answer says nothing."""
    base_url, states = ui
    states += [*[BROKEN] * 8, LOADED, LOADED]
    says = "Dagster cannot load the definitions, so no run starts: ModuleNotFoundError: No module named 'polars'"
    assert tell_of_location(settings, "http://127.0.0.1:9") is None
    assert [tell_of_location(settings, base_url) for _ in range(4)] == [says, says, None, None]
    assert (states, told(settings)) == ([], [("code_location_broken", False), ("code_location_broken", True)])
    assert "polars" not in (settings.data_dir / "told.jsonl").read_text()  # words of other programs stay here


def test_a_code_server_that_died_is_no_trouble(settings: Settings, ui: tuple[str, list[dict[str, Any]]]) -> None:
    """Dagster does not start it again, a request to load the definitions does."""
    base_url, states = ui
    unreachable = {"__typename": "PythonError", "message": "Could not reach user code server."}
    states += [unreachable, unreachable, LOADED]
    assert (tell_of_location(settings, base_url), states, told(settings)) == (None, [], [])


def test_modules_that_are_missing_are_told_and_said_in_a_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`tt up` could not start after an update that was interrupted; each try of the service tells it once."""
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['polars'] = None\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}")
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)
    for _ in range(2):
        with pytest.raises(StepFailed) as failed:
            run_step(prepare)
    assert failed.value.says.startswith("tt_pipeline is not installed completely: import of polars halted;")
    assert (failed.value.says.count("\n"), told(settings)) == (0, [("code_location_broken", False)])


def test_a_study_with_mistakes_is_told_as_such(settings: Settings, ui: tuple[str, list[dict[str, Any]]]) -> None:
    """The location cannot be loaded either; one message is enough."""
    settings.study_file.write_text("study: [")
    assert tell_of_location(settings, ui[0]) is None
    assert told(settings) == []


def test_a_study_that_does_not_want_to_hear_is_not_told(
    settings: Settings, ui: tuple[str, list[dict[str, Any]]]
) -> None:
    """The terminal of `tt up` says it."""
    settings.study_file.write_text(f"{STUDY}alerts: {{on: []}}\n")
    ui[1].extend([BROKEN] * 3)
    assert tell_of_location(settings, ui[0])
    assert told(settings) == []


@pytest.mark.parametrize(
    ("queued", "said"),
    [
        (0, ""),
        (1, "1 run is queued; it goes on when `tt up` runs again.\n"),
        (2, "2 runs are queued; they go on when `tt up` runs again.\n"),
    ],
)
def test_what_waits_is_said_at_the_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], queued: int, said: str
) -> None:
    """Ctrl-C loses no run, and a person who does not see the UI any more has to know."""
    with open_instance(settings.files) as instance:
        for number in range(queued):
            run = dg.DagsterRun(f"run{number}", status=dg.DagsterRunStatus.QUEUED, remote_job_origin=origin_of("run"))
            instance.add_run(run)
        instance.add_run(dg.DagsterRun("run", status=dg.DagsterRunStatus.SUCCESS))
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)

    say_what_waits()

    assert capsys.readouterr().out == said


@pytest.mark.parametrize("query", [_LOCATION_STATE, _RELOAD], ids=["state", "reload"])
def test_dagster_knows_the_queries(query: str) -> None:
    """They fit the schema of the installed version."""
    assert validate(create_schema().graphql_schema, parse(query)) == []
