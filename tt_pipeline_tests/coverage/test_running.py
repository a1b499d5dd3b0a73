"""`tt status` names the processes that work in a data dir, and no others."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tt_pipeline.coverage import RunningProcess, alive_folder, run_note, running_now
from tt_pipeline.data_dir import DataDir
from tt_pipeline.safe_files import keep_lease

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ONE = datetime(2026, 11, 20, 13, tzinfo=UTC)


def test_a_process_is_shown_once_with_its_latest_run(tmp_path: Path) -> None:
    """Since its first run; a lock without a note is of an earlier version and says nothing."""
    files = DataDir(tmp_path)
    keep_lease(alive_folder(files) / "later", run_note("comments 2026-10-02", ONE))
    keep_lease(alive_folder(files) / "first", run_note("videos/climate 2026-10-01", NOON))
    keep_lease(alive_folder(files) / "old version")

    assert running_now(files) == [RunningProcess(pid=os.getpid(), since=NOON, what="comments 2026-10-02")]


def test_a_process_that_died_is_not_shown(tmp_path: Path) -> None:
    """Its lock is free, however it ended; without any run nothing is shown."""
    files = DataDir(tmp_path)
    nothing = running_now(files)
    code = (
        "import os, sys; from pathlib import Path; from tt_pipeline.safe_files import keep_lease; "
        'keep_lease(Path(sys.argv[1]), \'{"pid": 1, "since": "2026-11-20T12:00:00+00:00", "what": "x"}\'); os._exit(9)'
    )
    subprocess.run([sys.executable, "-c", code, alive_folder(files) / "run"], check=False)

    assert (nothing, running_now(files)) == ([], [])
    assert (alive_folder(files) / "run").exists()
