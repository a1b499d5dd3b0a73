"""docs/benchmarks.md as text: words from `template.md`, each number from a measurement."""

import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from string import Template

from tt_pipeline_tests.labs.benchmarks.measuring import Measured
from tt_pipeline_tests.labs.benchmarks.outputs import section
from tt_pipeline_tests.labs.benchmarks.tasks import ROOT, Sizes

FILE = ROOT / "docs" / "benchmarks.md"
_HERE = Path(__file__).parent
_OF_A_YEAR = 36_500_000
_MOST_MB = 1_500
_TABLES = "nine"
_NAMES = {"ours": "**tt_pipeline**", "limit": "raw limit: the same rows from typed Parquet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmarks:
    """Everything that was measured, by name."""

    sizes: Sizes
    comparison: Mapping[str, Measured]
    growth: Mapping[str, Measured]
    rebuild: Mapping[str, Measured]
    daily: Mapping[str, Mapping[str, Measured]]
    outputs: Mapping[str, Measured]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A ratio that we want, and the measured one.

    Attributes:
        limit: The ratio that we want.
        is_least: Whether the limit is a minimum, else a maximum.
    """

    name: str
    limit: float
    is_least: bool
    wall: float
    cpu: float

    @property
    def verdict(self) -> str:
        """The verdict in a word or two."""
        reached = [self._is_reached(self.wall), self._is_reached(self.cpu)]
        return (
            "reached" if all(reached) else "missed" if not any(reached) else f"{'wall' if reached[0] else 'CPU'} only"
        )

    def _is_reached(self, ratio: float) -> bool:
        return ratio >= self.limit if self.is_least else ratio <= self.limit


def page(found: Benchmarks, day: date) -> str:
    """The whole page."""
    ours, rebuilt, published = found.comparison["ours"], found.rebuild["rebuild"], found.rebuild["publish"]
    return Template((_HERE / "template.md").read_text(encoding="utf-8")).substitute(
        date=day.isoformat(),
        machine=_machine(),
        versions=_versions(),
        repetitions=found.sizes.repetitions,
        rows=f"{ours.rows:,}",
        days=found.sizes.days,
        tables=_TABLES,
        comparison=_comparison(found.comparison),
        growth=_growth(found.growth),
        rebuilt_days=found.sizes.rebuilt_days,
        rebuilt_rows=f"{rebuilt.rows:,}",
        rebuild=_rebuild(found.rebuild),
        year_minutes=f"{(rebuilt.wall_s + published.wall_s) * _OF_A_YEAR / rebuilt.rows / 60:.0f}",
        daily=_daily(found.daily),
        outputs=section(found.outputs, table),
        goals=_goals(goals(found), max(rebuilt.peak_mb, published.peak_mb)),
        notes=(_HERE / "notes.md").read_text(encoding="utf-8").strip(),
    )


def goals(found: Benchmarks) -> list[Goal]:
    """The goals in the order of the page."""
    compared, (small, large) = found.comparison, found.growth.values()
    ours, limit = compared["ours"], compared["limit"]
    return [
        _goal(
            "dlt, parquet, lists as JSON: its time divided by ours",
            15,
            compared["dlt parquet, flat"],
            ours,
            is_least=True,
        ),
        _goal("dlt, default: its time divided by ours", 50, compared["dlt default, flat"], ours, is_least=True),
        _goal("our time divided by the raw limit", 1.6, ours, limit),
        _goal("a load into the larger warehouse, divided by the same load into the smaller one", 1.5, large, small),
    ]


def _goal(name: str, limit: float, one: Measured, other: Measured, *, is_least: bool = False) -> Goal:
    wall, cpu = ratios(one, other)
    return Goal(name=name, limit=limit, is_least=is_least, wall=wall, cpu=cpu)


def ratios(one: Measured, other: Measured) -> tuple[float, float]:
    """How many times as long the first takes for a record as the second: wall time, CPU seconds."""
    scale = other.rows / one.rows
    return one.wall_s / other.wall_s * scale, one.cpu_s / other.cpu_s * scale


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; all columns but the first are numbers."""
    marks = ["---", *("--:" for _ in header[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, marks, *rows))


def figures(measured: Measured) -> list[str]:
    """Records, seconds, pace and memory."""
    pace = f"{measured.rows / measured.wall_s:,.0f}"
    return [f"{measured.rows:,}", f"{measured.wall_s:.2f}", f"{measured.cpu_s:.2f}", pace, f"{measured.peak_mb:,.0f}"]


FIGURES = ("records", "wall s", "CPU s", "records/s", "peak MB")


def _comparison(found: Mapping[str, Measured]) -> str:
    rows = [[_NAMES.get(name, name), *figures(one), *_times(one, found["ours"])] for name, one in found.items()]
    return table(("", *FIGURES, "ratio, wall", "ratio, CPU"), rows)


def _times(one: Measured, other: Measured) -> list[str]:
    return [f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}" for ratio in ratios(one, other)]


def _growth(found: Mapping[str, Measured]) -> str:
    first = next(iter(found.values()))
    rows = [[name, *figures(one), *(f"{ratio:.2f}" for ratio in ratios(one, first))] for name, one in found.items()]
    return table(("videos in the warehouse before", *FIGURES, "ratio, wall", "ratio, CPU"), rows)


def _rebuild(found: Mapping[str, Measured]) -> str:
    names = {
        "index": "the index, from the landed files",
        "rebuild": "the warehouse, with the tables of `ops`",
        "publish": "publication: checks, copy, marts as tables",
    }
    return table(("", *FIGURES), [[names[name], *figures(one)] for name, one in found.items()])


def _daily(found: Mapping[str, Mapping[str, Measured]]) -> str:
    """CPU seconds by size, and the exponent with which they grow from the second last size to the last."""
    sizes = list(next(iter(found.values())))
    rows = [
        [name, *(f"{runs[size].cpu_s:.2f}" for size in sizes), *_fitted(sizes, [runs[size].cpu_s for size in sizes])]
        for name, runs in found.items()
    ]
    return table(("CPU seconds", *(f"{size} videos" for size in sizes), "exponent", "a year (fitted)"), rows)


def _fitted(sizes: Sequence[str], seconds: Sequence[float]) -> tuple[str, str]:
    small, large = (int(size.replace(",", "")) for size in sizes[-2:])
    exponent = math.log(seconds[-1] / seconds[-2]) / math.log(large / small)
    return f"{exponent:.2f}", f"{seconds[-1] * (_OF_A_YEAR / large) ** exponent:.1f}"


def _goals(measured_goals: Sequence[Goal], peak_mb: float) -> str:
    rows = [
        [
            goal.name,
            f"{'≥' if goal.is_least else '≤'} {goal.limit:g}",
            f"{goal.wall:.1f}",
            f"{goal.cpu:.1f}",
            goal.verdict,
        ]
        for goal in measured_goals
    ]
    memory = ["peak memory of the rebuild, MB", f"≤ {_MOST_MB:,}", f"{peak_mb:,.0f}", ""]
    rows.append([*memory, "reached" if peak_mb <= _MOST_MB else "missed"])
    return table(("", "goal", "wall", "CPU", ""), rows)


def _machine() -> str:
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({_processor()}), {memory_gb:.0f} GiB of memory, {platform.system()}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _versions() -> str:
    own = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "polars"))
    pinned = (_HERE / "loaders.txt").read_text(encoding="utf-8").split()
    peers = ", ".join(pin.replace("==", " ") for pin in pinned if pin.startswith(("dlt==", "sqlalchemy==", "duckdb==")))
    return f"Python {platform.python_version()}, {own}; the other tools with {peers}"
