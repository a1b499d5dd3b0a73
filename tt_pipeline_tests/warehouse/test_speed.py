"""A full day of comments loads in the time and memory of a small machine; prints what it took (`pytest -m slow -s`)."""

import subprocess
import sys
from pathlib import Path

import pytest

from tt_pipeline_tests.warehouse.builders import comment, comment_page, land, later

LOAD_AND_MEASURE = """
import re, sys, time
from pathlib import Path
from tt_pipeline_tests.warehouse.builders import landed, load
folder, load_id, lines = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
begun = time.process_time()
report = load(folder / "writer.duckdb", [landed(folder, f"{load_id}.ndjson", lines)])
cpu_s = time.process_time() - begun
peak_kb = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(report.rows["core.comments"], cpu_s, int(peak_kb) / 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
def test_a_full_day_of_comments_loads_in_three_seconds_and_half_a_gigabyte(tmp_path: Path) -> None:
    """100,000 comments, a full day of quota, load in under 3 CPU seconds and 500 MB."""
    words = "Im Garten wohnen Wildbienen seit Jahren, und jedes Frühjahr kommen mehr 🐝 "
    pages = [
        comment_page(
            *(comment(number * 100 + place, under=number, text=f"{words}{place}") for place in range(100)),
            under=number,
            fetched_at=later(seconds=number),
        )
        for number in range(1000)
    ]
    file = land(tmp_path, pages, load_id="comments/2026-10-02/run-1")
    command = [sys.executable, "-c", LOAD_AND_MEASURE, str(tmp_path), file.load_id, str(file.lines)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    comments, cpu_s, peak_mb = (float(number) for number in done.stdout.split())
    sys.stdout.write(f"\n{comments:,.0f} comments: {cpu_s:.2f} CPU s, {peak_mb:.0f} MB\n")
    assert comments == 100_000
    assert cpu_s < 3
    assert peak_mb < 500
