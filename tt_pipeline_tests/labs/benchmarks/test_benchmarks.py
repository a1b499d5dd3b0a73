"""Our own part of the benchmark runs, on few videos; its measurements are not judged here."""

from datetime import date
from pathlib import Path

import pytest

from tt_pipeline_tests.labs.benchmarks.landed import landed_days
from tt_pipeline_tests.labs.benchmarks.measuring import Measured, medians
from tt_pipeline_tests.labs.benchmarks.outputs import REPORT, outputs, section, with_section
from tt_pipeline_tests.labs.benchmarks.page import Benchmarks, Goal, page
from tt_pipeline_tests.labs.benchmarks.tasks import DAILY, Sizes, a_day, grow, ours, prepare_comparison, rebuild

FEW = Sizes(per_day=600, days=4, slow_days=1, bases=(1_000, 3_000), rebuilt_days=10, daily_days=(2, 4), repetitions=1)


def quiet(_: str) -> None:
    """Print no progress."""


def took(wall_s: float, *, rows: int = 100, cpu_s: float = 1.0, peak_mb: float = 100) -> Measured:
    """A measurement."""
    return Measured(rows=rows, wall_s=wall_s, cpu_s=cpu_s, peak_mb=peak_mb)


@pytest.mark.slow
def test_the_load_and_its_limit_write_the_same_videos(tmp_path: Path) -> None:
    """Both write the same rows, so that they can be compared."""
    prepare_comparison(tmp_path, FEW)
    loaded, copied = ours("load", tmp_path, "writer.duckdb"), ours("copy_typed", tmp_path)
    assert (loaded.rows, copied.rows) == (2_400, 2_400)
    assert len((tmp_path / "some.ndjson").read_bytes().splitlines()) == 6


@pytest.mark.slow
def test_half_of_a_day_is_known_to_the_growing_warehouses(tmp_path: Path) -> None:
    """A warehouse of each size loads all videos of the day."""
    assert {name: run.rows for name, run in grow(tmp_path, FEW, quiet).items()} == {"1,000": 2_400, "3,000": 2_400}


@pytest.mark.slow
def test_a_rebuild_has_every_landed_video(tmp_path: Path) -> None:
    """Days after those of the simulator have different videos."""
    found = rebuild(tmp_path, FEW, quiet)
    assert {name: run.rows for name, run in found.items()} == dict.fromkeys(("index", "rebuild", "publish"), 6_000)
    assert len(landed_days(tmp_path)) == 10


@pytest.mark.slow
def test_every_output_is_made_of_the_published_videos(tmp_path: Path) -> None:
    """Each format has a row for each video, and the report has figures."""
    found = outputs(tmp_path, 2_000, quiet)
    assert {"csv", "parquet", "xlsx", "dta", "sav", "sqlite", "duckdb", "jsonl"} < found.keys()
    assert found.pop(REPORT).rows > 10
    assert {run.rows for run in found.values()} == {2_000}


def test_a_section_that_is_measured_alone_replaces_the_earlier_one() -> None:
    """Other sections stay as they are."""
    page = "# Benchmarks\n\n## Goals\n\nmany\n"
    first, second = (
        section({REPORT: took(1), "csv": took(1, rows=rows)}, lambda _, rows: f"{len(rows)} rows") for rows in (10, 20)
    )
    once = with_section(page, first)
    assert once == f"# Benchmarks\n\n{first}\n## Goals\n\nmany\n"
    assert with_section(once, second) == f"# Benchmarks\n\n{second}\n## Goals\n\nmany\n"


@pytest.mark.slow
def test_a_days_work_is_done_in_data_dirs_of_each_size(tmp_path: Path) -> None:
    """Nothing is due there, the day is loaded, and its videos are published."""
    found = a_day(tmp_path, FEW, quiet)
    assert {name: tuple(runs) for name, runs in found.items()} == dict.fromkeys(DAILY, ("1,200", "2,400"))
    assert [run.rows for run in found["what is due"].values()] == [0, 0]
    assert [run.rows for run in found["a day of 12,500 videos: the load"].values()] == [600, 600]
    assert [run.rows for run in found["the same day: delivery"].values()] == [1_800, 3_000]


def test_medians_are_taken_number_by_number() -> None:
    """One slow run does not count, nor does a run that took much memory."""
    runs = [took(1, peak_mb=300), took(9), took(2)]
    assert medians(runs) == took(2)


@pytest.mark.parametrize(
    ("wall", "cpu", "verdict"), [(20, 16, "reached"), (20, 14, "wall only"), (14, 16, "CPU only"), (14, 14, "missed")]
)
def test_a_goal_is_reached_by_both_clocks(wall: float, cpu: float, verdict: str) -> None:
    """CPU seconds and wall time must both reach it."""
    assert Goal(name="g", limit=15, is_least=True, wall=wall, cpu=cpu).verdict == verdict


def test_a_tool_that_got_fewer_rows_is_compared_by_the_record() -> None:
    """Ten times the time for a tenth of the rows is a ratio of 100; every word of the template is filled."""
    comparison = {"ours": took(1), "limit": took(0.5), "dlt parquet, flat": took(16, cpu_s=20)}
    slow = {"dlt default, flat": took(10, rows=10)}
    rebuilt = {"index": took(1), "rebuild": took(2), "publish": took(3, peak_mb=1_600)}
    daily = {"`tt status`": {"1,000": took(1), "10,000": took(1, cpu_s=10.0)}}
    found = Benchmarks(
        sizes=FEW,
        comparison=comparison | slow,
        growth={"1": took(1), "2": took(1.2)},
        rebuild=rebuilt,
        daily=daily,
        outputs={REPORT: took(1, rows=20), "csv": took(1, rows=10, cpu_s=2.0)},
    )
    text = page(found, date(2026, 11, 20))
    assert "| dlt default, flat | 10 | 10.00 | 1.00 | 1 | 100 | 100 | 10 |" in text
    assert "| our time divided by the raw limit | ≤ 1.6 | 2.0 | 1.0 | CPU only |" in text
    assert "| peak memory of the rebuild, MB | ≤ 1,500 | 1,600 |  | missed |" in text
    assert "| `tt status` | 1.00 | 10.00 | 1.00 | 36,500.0 |".replace(",", "") in text
    assert "| csv | 2.0 | 5 | 100 |" in text
    assert "$" not in text
