"""What one machine does in a second beside several that share: requests counted, pages landed, and publication.

`PYTHONPATH=.venv/lake python -m tt_pipeline_tests.labs.shared_rates` prints the tables of docs/scale.md, after
`make distributed` has installed SeaweedFS and DuckDB's extensions. Everything is measured in one run.
A request is one reservation and one settlement, each committed to the disk; a page has 100 videos of the simulator.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

from tt_pipeline.clock import SystemClock
from tt_pipeline.coverage import open_workspace
from tt_pipeline.data_dir import DataDir
from tt_pipeline.ingestion import rebuild_warehouse
from tt_pipeline.landing import LandingZone, shared_landing, window_load_id
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.publish_address import PublishAddress
from tt_pipeline.quota import Ledger, Purpose
from tt_pipeline.settings import Settings, hand_on, read_settings
from tt_pipeline.vocabulary import Bucket, Dataset
from tt_pipeline.warehouse import open_target, publish_file
from tt_pipeline_tests.builders import FINGERPRINT, envelope
from tt_pipeline_tests.distributed.extensions import install_extensions
from tt_pipeline_tests.distributed.postgres_server import PostgresServer, new_database
from tt_pipeline_tests.distributed.s3_server import Storage, running_storage
from tt_pipeline_tests.labs.benchmarks.landed import land_days, records_of

_REQUESTS: Final = 800
"""Of all processes together; fewer than a day's quota."""
_PAGES: Final = 800
_DAYS: Final = 8
"""Of 12,500 videos each."""
_PURPOSE: Final = Purpose(study="rates", dataset="videos", search="climate", run_id="r", zone="z")
_OUTCOME: Final = ("log", 100, 100, 0.5)
_WINDOW: Final = (date(2026, 10, 1), date(2026, 10, 3))


def count(place: Path | PostgresUrl, key: str, number: int) -> list[float]:
    """Count requests in a ledger that is open; the seconds that each took."""
    with Ledger(place, client_key=key, clock=SystemClock()) as ledger:

        def step() -> None:
            request = ledger.reserve(_PURPOSE, Bucket.MAIN, "video_query")
            ledger.settle(request, status=200, code="ok", further=_OUTCOME)

        return _timed(step, number)


def land(settings: Settings, folder: Path, search: str, number: int) -> list[float]:
    """Append pages to a file of a landing zone that is open; the seconds that each took."""
    body = f'{{"data":{{"videos":[{",".join(records_of(0)[:100])}]}},"error":{{"code":"ok"}}}}'
    page = envelope(body=body, records=100, slots=100)
    with (
        LandingZone(folder, shared=shared_landing(settings)) as zone,
        zone.lease(Dataset.VIDEOS, search),
        zone.writing(window_load_id(search, FINGERPRINT, _WINDOW, 1)) as writer,
    ):
        return _timed(lambda: writer.append(page), number)


def _timed(step: Callable[[], object], number: int) -> list[float]:
    """Do a step so often, after a line was read; the seconds that each took."""
    print("ready", flush=True)  # noqa: T201 — the measuring process waits for it
    sys.stdin.readline()
    took = []
    for _ in range(number):
        begun = time.perf_counter()
        step()
        took.append(time.perf_counter() - begun)
    return took


def rate(
    number: int,
    arguments: Callable[[int], Sequence[str]],
    processes: int,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> list[float]:
    """Steps a second of all processes together, and the 99th percentile of a step's milliseconds."""
    command = [sys.executable, "-m", "tt_pipeline_tests.labs.shared_rates"]
    started = [
        subprocess.Popen(
            [*command, *arguments(each), f"{number // processes}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **variables},
            text=True,
        )
        for each in range(processes)
    ]
    for process in started:
        assert process.stdout
        process.stdout.readline()
    begun = time.perf_counter()
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    took = [seconds for process in started for seconds in json.loads(process.communicate()[0])]
    return [len(took) / (time.perf_counter() - begun), quantiles(took, n=100)[98] * 1_000]


def publication_seconds(folder: Path, storage: Storage, postgres: PostgresServer) -> dict[str, float]:
    """The seconds of the file's publication, and of each target after it, for the same videos."""
    catalog = f"dbname=postgres host=127.0.0.1 port={postgres.port} user=postgres"
    lake = PublishAddress.read(f"ducklake:postgres:{catalog}").with_data("s3://published/lake")
    targets = {
        "Parquet in a folder": PublishAddress.read(f"parquet:{folder / 'parquet'}"),
        "Parquet in S3": PublishAddress.read("parquet:s3://published/parquet"),
        "DuckLake, its catalog in Postgres and its data in S3": lake,
    }
    hand_on(HOME=f"{_made(folder.with_name('home'))}")
    install_extensions()
    hand_on(**{name: value for name, value in storage.settings("published").as_environment().items() if "AWS" in name})
    storage.bucket("published").put("made", b"1")
    land_days(folder, _DAYS)
    files = DataDir(folder)
    with open_workspace(read_settings(data_dir=folder)) as workspace:
        rebuild_warehouse(workspace)
    seconds = {"the file alone": _seconds(lambda: publish_file(files.writer, files.published, SystemClock()))}
    for name, address in targets.items():
        target = open_target(address, files.internal)
        publish = partial(target.publish, files.published, expected_at=None, most_earlier=None, creates=True)
        seconds[name] = _seconds(partial(publish, before_writing=lambda: None))
    return seconds


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure_all() -> None:
    """Measure everything in one run, and print both tables."""
    with (
        TemporaryDirectory() as name,
        PostgresServer() as postgres,
        running_storage(_made(Path(name) / "s3")) as storage,
    ):
        folder, bucket = Path(name), storage.settings("landed").as_environment()
        ledgers = {"SQLite": f"{folder / 'ledger.sqlite'}", "Postgres": new_database(postgres).url}
        rows: dict[str, list[float]] = {}
        for kind, place in ledgers.items():
            rows[f"requests counted, {kind}"] = [
                number
                for processes in (1, 8)
                for number in rate(_REQUESTS, partial(_counting, place, processes), processes)
            ]
        for kind, variables in {"files": {}, "SeaweedFS": bucket}.items():
            rows[f"pages landed, {kind}"] = [
                number
                for processes in (1, 8)
                for number in rate(_PAGES, partial(_landing, folder / kind, processes), processes, variables)
            ]
        for row, numbers in rows.items():
            print(f"| {row} | " + " | ".join(f"{number:,.0f}" for number in numbers) + " |")  # noqa: T201
        for row, took in publication_seconds(_made(folder / "published"), storage, postgres).items():
            print(f"| {row} | {took:,.1f} |")  # noqa: T201


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _counting(place: str, processes: int, _: int) -> list[str]:
    return ["count", place, f"key-{processes}"]


def _landing(folder: Path, processes: int, number: int) -> list[str]:
    return ["land", f"{folder}-{processes}", f"search_{processes}_{number}"]


def main() -> None:
    """Measure, or be one of the processes that are measured."""
    match sys.argv[1:]:
        case "count", place, key, number:
            took = count(PostgresUrl.read(place) or Path(place), key, int(number))
        case "land", folder, search, number:
            took = land(read_settings(), Path(folder), search, int(number))
        case _:
            measure_all()
            return
    print(json.dumps(took))  # noqa: T201 — the measuring process reads it


if __name__ == "__main__":
    main()
