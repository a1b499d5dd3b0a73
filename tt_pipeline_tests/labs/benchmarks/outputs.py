"""What is made of the published file: each format of exports, and the report. Alone: `outputs [VIDEOS]`.

One published file with the videos of a year is made by SQL; each output is a separate process.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tt_pipeline.clock import SystemClock
from tt_pipeline.data_dir import DataDir
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline.warehouse import publish_file
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.labs.benchmarks.measuring import Measured
from tt_pipeline_tests.labs.benchmarks.tasks import Say, ours

_SYNTHETIC: Final = Path(__file__).parents[2] / "warehouse" / "synthetic.sql"
_LOOKS: Final = 2
TABLE: Final = "marts.videos"
"""The table that is exported; a row of it has all texts and lists of a video."""
REPORT: Final = "`tt report`"
_MOST_ROWS_OF_EXCEL: Final = 1_048_575
_HEADING: Final = "## Exports and the report"
_NEXT_HEADING: Final = "## Goals"


def prepare_outputs(folder: Path, videos: int) -> None:
    """Publish a warehouse with these videos of a year, each seen twice."""
    files = DataDir(folder)
    with Writer(files.writer, SystemClock()) as writer:
        writer.connection.execute(f"set variable videos = {videos}::bigint; set variable looks = {_LOOKS}::bigint")
        writer.connection.execute(_SYNTHETIC.read_text(encoding="utf-8"))
    publish_file(files.writer, files.published, SystemClock())


def outputs(folder: Path, videos: int, say: Say) -> dict[str, Measured]:
    """Make every output once; the results by its name.

    Args:
        folder: An empty folder, which becomes the data dir.
        videos: How many videos the published file has.
        say: Is told what is measured.
    """
    say(f"a published file of {videos:,} videos")
    prepare_outputs(folder, videos)
    formats = [each for each in ExportFormat if not each.is_network and _can_hold(each, videos)]
    runs: Mapping[str, Callable[[], Measured]] = {
        REPORT: partial(ours, "report", folder),
        **{f"{each}": partial(ours, "export", folder, TABLE, each) for each in formats},
    }
    found = {}
    for name, run in runs.items():
        say(f"{videos:,} videos: {name}")
        found[name] = run()
    return found


def _can_hold(format_: ExportFormat, videos: int) -> bool:
    return format_ is not ExportFormat.XLSX or videos <= _MOST_ROWS_OF_EXCEL


def section(found: Mapping[str, Measured], table: Callable[[Sequence[str], Sequence[Sequence[str]]], str]) -> str:
    """The section of the page, with its heading, as Markdown."""
    report = found[REPORT]
    videos = next(one.rows for name, one in found.items() if name != REPORT)
    rows = [
        [name, f"{one.cpu_s:.1f}", f"{one.rows / one.cpu_s:,.0f}" if name != REPORT else "", f"{one.peak_mb:,.0f}"]
        for name, one in found.items()
    ]
    return (
        f"{_HEADING}\n\n"
        f"A published file with {videos:,} videos of a year, made by SQL, of which `tt report` makes its page and "
        f"`tt export` writes `{TABLE}`: one run each, in processes of their own.\n\n"
        f"{table(('', 'CPU s', 'rows/CPU s', 'peak MB'), rows)}\n\n"
        f"The report has {report.rows} figures; for a million videos it should take at most 60 CPU seconds and "
        "1,000 MB. `python -m tt_pipeline_tests.labs.benchmarks.outputs` measures this section alone.\n"
    )


def with_section(page: str, written: str) -> str:
    """The page with the section in place of an earlier one, before the goals."""
    without = re.sub(rf"{_HEADING}\n.*?(?={_NEXT_HEADING}\n)", "", page, flags=re.DOTALL)
    return without.replace(f"{_NEXT_HEADING}\n", f"{written}\n{_NEXT_HEADING}\n", 1)


if __name__ == "__main__":
    from tt_pipeline_tests.labs.benchmarks.page import FILE, table

    with TemporaryDirectory() as place:
        measured = outputs(Path(place), int((*sys.argv[1:], "1000000")[0]), print)
    made = section(measured, table)
    sys.stdout.write(made)
    FILE.write_text(with_section(FILE.read_text(encoding="utf-8"), made), encoding="utf-8")
