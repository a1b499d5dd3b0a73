"""How many requests a second a ledger can count: in a file and in Postgres, with one process and with eight.

`python -m tt_pipeline_tests.labs.ledger_rates` prints the table that docs/scale.md has. A request is one reservation
and one settlement; each is committed to the disk.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final

from tt_pipeline.clock import SystemClock
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.quota import Ledger, Purpose
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.distributed.postgres_server import PostgresServer, new_database

_REQUESTS: Final = 800
"""Of all processes together; fewer than a day's quota."""
_PURPOSE: Final = Purpose(study="rates", dataset="videos", search="climate", run_id="r", zone="z")
_OUTCOME: Final = ("log", 100, 100, 0.5)


def send(place: Path | PostgresUrl, key: str, requests: int) -> list[float]:
    """The seconds that each of these requests took, after the ledger was opened and a line was read."""
    took = []
    with Ledger(place, client_key=key, clock=SystemClock()) as ledger:
        print("ready", flush=True)  # noqa: T201 — the measuring process waits for it
        sys.stdin.readline()
        for _ in range(requests):
            begun = time.perf_counter()
            request = ledger.reserve(_PURPOSE, Bucket.MAIN, "video_query")
            ledger.settle(request, status=200, code="ok", further=_OUTCOME)
            took.append(time.perf_counter() - begun)
    return took


def measured(place: Path | PostgresUrl, processes: int) -> tuple[float, float]:
    """Requests a second of all processes, and the 99th percentile of a request's milliseconds."""
    address = place.url if isinstance(place, PostgresUrl) else f"{place}"
    command = [sys.executable, "-m", "tt_pipeline_tests.labs.ledger_rates", address]
    started = [
        subprocess.Popen(
            [*command, f"key-{processes}", f"{_REQUESTS // processes}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
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
    return len(took) / (time.perf_counter() - begun), quantiles(took, n=100)[98] * 1_000


def main() -> None:
    """Measure everything in one run, and print a row for each kind of ledger."""
    with TemporaryDirectory() as folder, PostgresServer() as server:
        places: dict[str, Path | PostgresUrl] = {
            "SQLite, in a file": Path(folder) / "ledger.sqlite",
            "Postgres": new_database(server),
        }
        for name, place in places.items():
            numbers = [number for processes in (1, 8) for number in measured(place, processes)]
            print(f"| {name} | " + " | ".join(f"{number:,.0f}" for number in numbers) + " |")  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1:]:
        address, key, requests = sys.argv[1:]
        print(json.dumps(send(PostgresUrl.read(address) or Path(address), key, int(requests))))  # noqa: T201
    else:
        main()
