"""The demo on a fixed day, so that its output is always the same."""

import os
import subprocess
import sys
from pathlib import Path

DAY = "2026-11-01T12:00:00+00:00@1"


def run_demo(folder: Path) -> Path:
    """Run `tt demo` in a folder; returns its data dir."""
    tt(folder, "demo", TT_CLOCK=DAY)
    return folder / "data" / "demo"


def tt(folder: Path, *words: str, **settings: str) -> str:
    """The output of a command in a folder."""
    command = [sys.executable, "-m", "tt_pipeline.cli", *words]
    done = subprocess.run(command, cwd=folder, env=os.environ | settings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"tt {words[0]} exited with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout
