"""Print the size of 1,000 runs as they are made, made small, and pruned.

The first runs are those of a data dir that `tt up` has used, because runs of its daemon have the most events:

    python -m tt_pipeline_tests.labs.dagster_storage data/internal/dagster
"""

import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
from rich.console import Console

from tt_pipeline.clock import real_now
from tt_pipeline.orchestration.pruning import prune_runs
from tt_pipeline.orchestration.shrinking import shrink_runs
from tt_pipeline_tests.labs.dagster_storage.copies import copy_runs, sizes

RUNS, HOURS, KEPT_DAYS = 1_000, 4, 30
console = Console()


def show(what: str, home: Path, since: float) -> None:
    """Print the sizes, and how long it took."""
    found = sizes(home)
    parts = ", ".join(f"{name} {size:.1f}" for name, size in found.items() if name != "all")
    console.print(f"{what}: {found['all']:.1f} MB ({parts}); {time.perf_counter() - since:.1f} s")


with TemporaryDirectory() as folder:
    home, began = Path(folder) / "dagster", time.perf_counter()
    shutil.copytree(sys.argv[1], home)
    (home / "dagster.yaml").unlink()
    show("the runs that were made", home, began)
    copy_runs(home, RUNS, hours=HOURS, ended_at=real_now())
    show(f"{RUNS:,} runs", home, began)
    with dg.DagsterInstance.local_temp(f"{home}") as instance:
        began = time.perf_counter()
        shrink_runs(instance)
        show("after three days, with every run kept", home, began)
        began = time.perf_counter()
        deleted = prune_runs(instance, KEPT_DAYS)
        show(f"and {deleted:,} runs of more than {KEPT_DAYS} days ago deleted", home, began)
