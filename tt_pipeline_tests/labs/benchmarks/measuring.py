"""The cost of a piece of work: wall time, CPU seconds of the process and its children, the peak of memory.

Runs in the peers' environment too: the standard library only.
"""

import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run, or the medians of several.

    Attributes:
        rows: Records that were loaded.
        peak_mb: The peak of the process, including its imports.
    """

    rows: int
    wall_s: float
    cpu_s: float
    peak_mb: float


def measure(work: Callable[[], int]) -> Measured:
    """Do work that returns how many records it loaded."""
    wall_s, cpu_s = time.perf_counter(), _cpu_s()
    rows = work()
    return Measured(rows=rows, wall_s=time.perf_counter() - wall_s, cpu_s=_cpu_s() - cpu_s, peak_mb=_peak_mb())


def print_measured(measured: Measured) -> None:
    """Print a measurement for the process that started this one."""
    json.dump(asdict(measured), sys.stdout)


def medians(runs: list[Measured]) -> Measured:
    """The medians of several runs, number by number."""
    return Measured(
        rows=runs[0].rows,
        wall_s=median(run.wall_s for run in runs),
        cpu_s=median(run.cpu_s for run in runs),
        peak_mb=median(run.peak_mb for run in runs),
    )


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak_mb() -> float:
    """Linux reports a peak that does not include the parent's; other systems report that of `resource`."""
    if _STATUS.exists():
        return int(re.findall(r"VmHWM:\s+(\d+)", _STATUS.read_text())[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
