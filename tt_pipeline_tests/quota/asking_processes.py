"""Processes that reserve requests of one ledger at the same time."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from tt_pipeline.postgres import PostgresUrl

_ASKS: Final = """
import sys
from pathlib import Path
from tt_pipeline.clock import clock_from
from tt_pipeline.errors import QuotaExhausted
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.quota import Ledger, Purpose
from tt_pipeline.vocabulary import Bucket
place, each, limit = PostgresUrl.read(sys.argv[1]) or Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
ledger = Ledger(place, client_key="key", clock=clock_from("2026-10-05T12:00:00+00:00@1"),
                limits={Bucket.MAIN: limit, Bucket.SOCIAL: 0})
got = 0
for _ in range(each):
    try:
        ledger.gate(Purpose(study="s", dataset="videos")).reserve(Bucket.MAIN, "video_query")
        got += 1
    except QuotaExhausted:
        pass
print(got)
"""


def requests_of_processes(place: Path | PostgresUrl, *, processes: int, each: int, limit: int) -> int:
    """How many requests processes get together of which each wants the same number."""
    address = place.url if isinstance(place, PostgresUrl) else f"{place}"
    command = [sys.executable, "-c", _ASKS, address, f"{each}", f"{limit}"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    return sum(int(process.communicate(timeout=300)[0]) for process in started)
