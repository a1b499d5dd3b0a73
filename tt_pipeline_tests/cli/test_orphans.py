"""What `tt demo` starts ends with it, also when it is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PARENT = """
import subprocess, sys, os
command = [sys.executable, "-m", "tt_pipeline.cli", "simulate", "--port", "0", "--days", "1", "--videos-per-day", "1"]
process = subprocess.Popen([*command, "--caller", str(os.getpid())], stdout=subprocess.PIPE, start_new_session=True)
process.stdout.readline()
print(process.pid, flush=True)
process.wait()
"""


def test_the_simulator_of_a_killed_demonstration_ends(tmp_path: Path) -> None:
    """Nobody would find it, and its port would stay taken."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    with parent:
        assert parent.stdout
        simulator = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    for _ in range(100):
        if not _lives(simulator):
            return
        time.sleep(0.1)
    os.kill(simulator, signal.SIGKILL)
    raise AssertionError("the simulator lives on")


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
