"""`tt up` as a person starts it; its UI is used by GraphQL."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from tt_pipeline.cli.dagster_server import program
from tt_pipeline_tests.builders import free_port

_BACKFILL = """
mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
_STATE = """
query($backfill: String!) {
  partitionBackfillOrError(backfillId: $backfill) { ... on PartitionBackfill { status } }
}
"""
_RUNS = """
{ runsOrError(limit: 500) { ... on Runs { results { runId jobName status startTime tags { key value } } } } }
"""
_TICKS = """
{ sensorsOrError(repositorySelector: {repositoryName: "__repository__",
                                      repositoryLocationName: "tt_pipeline.definitions"}) {
    ... on Sensors { results { name sensorState { ticks(limit: 500) { status error { message } } } } } } }
"""
_RELOAD = """
mutation {
  reloadRepositoryLocation(repositoryLocationName: "tt_pipeline.definitions") {
    ... on WorkspaceLocationEntry {
      locationOrLoadError { __typename ... on PythonError { message causes { message } } } }
  }
}
"""
_SENSOR = """
{ sensorOrError(sensorSelector: {sensorName: "quota", repositoryName: "__repository__",
                                 repositoryLocationName: "tt_pipeline.definitions"}) {
    ... on Sensor { sensorState { ticks(limit: 40) { status skipReason error { message } } } } } }
"""


@dataclass(frozen=True)
class Run:
    """A run as the UI lists it."""

    run_id: str
    job: str
    status: str
    started_at: float
    tags: dict[str, str]


@dataclass(frozen=True)
class Daemon:
    """A UI whose daemon answers."""

    base_url: str

    def ask(self, query: str, **variables: Any) -> Any:
        """The answer of GraphQL."""
        answer = httpx.post(f"{self.base_url}/graphql", json={"query": query, "variables": variables}, timeout=60)
        body = answer.json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    def backfill(self, days: Sequence[date], assets: Sequence[Sequence[str]]) -> str:
        """Launch a backfill as the UI does; returns its id."""
        params = {
            "partitionNames": [f"{day}" for day in days],
            "assetSelection": [{"path": list(path)} for path in assets],
        }
        launched = self.ask(_BACKFILL, params=params)["launchPartitionBackfill"]
        return str(launched["backfillId"])

    def backfill_status(self, backfill_id: str) -> str:
        """The status in Dagster's words, for example COMPLETED_SUCCESS; "" while the UI cannot ask its database."""
        return str(self.ask(_STATE, backfill=backfill_id)["partitionBackfillOrError"].get("status", ""))

    def runs(self) -> list[Run]:
        """All runs in the order of their start, queued ones last."""
        found = self.ask(_RUNS)["runsOrError"]["results"]
        runs = [
            Run(
                run["runId"],
                run["jobName"],
                run["status"],
                run["startTime"] or float("inf"),
                {tag["key"]: tag["value"] for tag in run["tags"]},
            )
            for run in found
        ]
        return sorted(runs, key=lambda run: run.started_at)

    def skip_reasons(self) -> list[str]:
        """The reasons why the quota sensor requested nothing, the latest first."""
        ticks = self.ask(_SENSOR)["sensorOrError"]["sensorState"]["ticks"]
        assert not [tick["error"] for tick in ticks if tick["error"]]
        return [tick["skipReason"] for tick in ticks if tick["skipReason"]]

    def failed_ticks(self) -> list[str]:
        """Errors of the ticks of all sensors."""
        sensors = self.ask(_TICKS)["sensorsOrError"]["results"]
        ticks = [(sensor["name"], tick) for sensor in sensors for tick in sensor["sensorState"]["ticks"]]
        return [f"{name}: {tick['error']}" for name, tick in ticks if tick["status"] == "FAILURE"]

    def reload(self) -> str:
        """Click Reload; returns the error of the code location in the UI, "" if it is loaded."""
        loaded = self.ask(_RELOAD)["reloadRepositoryLocation"]["locationOrLoadError"]
        return "".join([loaded.get("message", ""), *(cause["message"] for cause in loaded.get("causes", ()))])

    def until(self, is_so: Callable[[], bool], *, within_s: float, every_s: float = 2.0) -> bool:
        """Wait for a condition; False if it is not true in time."""
        ends_at = time.monotonic() + within_s
        while time.monotonic() < ends_at:
            if is_so():
                return True
            time.sleep(every_s)
        return False

    def is_waiting(self) -> bool:
        """Whether no run has started; some may be queued."""
        return all(run.status in {"QUEUED", "SUCCESS", "FAILURE", "CANCELED"} for run in self.runs())

    def is_starting(self) -> bool:
        """Whether the process of a run is starting, in which it reads the study file."""
        return any(run.status == "STARTING" for run in self.runs())

    def is_idle(self) -> bool:
        """Whether no run is queued or started."""
        return all(run.status in {"SUCCESS", "FAILURE", "CANCELED"} for run in self.runs())


@contextmanager
def served(environment: dict[str, str], log: Path) -> Iterator[Daemon]:
    """Run `tt up` in a separate process, which ends with the block."""
    port = free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TT_", "DAGSTER_"))}
    command = [sys.executable, "-m", "tt_pipeline.cli", "up", "--port", f"{port}"]
    environment = inherited | environment
    with log.open("a") as out, _environ(environment), program(command, stdout=out.fileno(), stderr=subprocess.STDOUT):
        daemon = Daemon(f"http://127.0.0.1:{port}")
        assert daemon.until(lambda: _answers(daemon), within_s=600), log.read_text()[-3000:]
        yield daemon


@contextmanager
def _environ(environment: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _answers(daemon: Daemon) -> bool:
    try:
        return bool(daemon.runs() or True)
    except (httpx.HTTPError, ValueError):
        return False
