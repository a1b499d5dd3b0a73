"""The simulator on real sockets of the loopback, and its clean end."""

import http.client
import signal
import subprocess
import sys
import time
from threading import active_count

import httpx
import pytest

from tt_pipeline.simulator import Knobs, Simulator, running
from tt_pipeline_tests.simulator.builders import NOW, small_world

SERVE = """
import signal
from datetime import UTC, date, datetime
from tt_pipeline.simulator import Simulator, World, serve
world = World(last_day=date(2026, 11, 20), days=2, videos_per_day=10)
signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    serve(Simulator(world, now=lambda: datetime(2026, 11, 21, tzinfo=UTC)), on_ready=lambda url: print(url, flush=True))
except KeyboardInterrupt:
    print("done")
"""


def test_it_serves_in_a_thread_and_leaves_nothing_behind() -> None:
    """Requests are answered inside the block; after it no port is open and no thread runs."""
    threads = active_count()
    simulator = Simulator(small_world(), knobs=Knobs(), now=lambda: NOW)
    with running(simulator) as base_url, httpx.Client(base_url=base_url) as client:
        assert base_url.startswith("http://127.0.0.1:")
        assert client.get("/_sim/state").json()["seed"] == 1
    assert active_count() == threads


def test_two_simulators_can_run_side_by_side() -> None:
    """Each simulator has its own port."""
    first, second = (Simulator(small_world(seed), now=lambda: NOW) for seed in (1, 2))
    with running(first) as one, running(second) as two:
        assert [httpx.get(f"{url}/_sim/state").json()["seed"] for url in (one, two)] == [1, 2]


@pytest.mark.slow
def test_a_connection_that_was_idle_for_seconds_still_works() -> None:
    """A client such as httpx uses a connection again for 5 seconds; a server that closes it then loses requests."""
    with running(Simulator(small_world(), now=lambda: NOW)) as base_url:
        connection = http.client.HTTPConnection(base_url.removeprefix("http://"))
        for wait_s in (6, 0):
            connection.request("GET", "/_sim/state")
            assert connection.getresponse().read()
            assert connection.sock is not None
            time.sleep(wait_s)
        connection.close()


def test_it_serves_until_it_is_interrupted() -> None:
    """SIGINT and SIGTERM end it cleanly and then reach the caller; its only line is the base URL."""
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen(
            [sys.executable, "-W", "error", "-c", SERVE],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            base_url = process.stdout.readline().strip()
            assert httpx.get(f"{base_url}/_sim/state").status_code == 200
            process.send_signal(number)
            assert process.communicate(timeout=10) == ("done\n", "")
            assert process.returncode == 0
