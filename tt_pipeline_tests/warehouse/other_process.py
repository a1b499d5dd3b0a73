"""Another process that has a writer's file open for writing."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPEN_THE_FILE = """
import duckdb, sys
with duckdb.connect(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""


@contextmanager
def open_in_another_process(file: Path) -> Iterator[int]:
    """Open the file for writing in another process; yields its process id."""
    with subprocess.Popen(
        [sys.executable, "-c", OPEN_THE_FILE, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            yield holder.pid
        finally:
            holder.communicate()
