"""Runs the blocks of a page in order in one shell, as a reader would who types them."""

import re
import shlex
import subprocess
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from tt_pipeline_tests.documents.blocks import Block

SERVERS: Final = re.compile(r"(?:uvx )?tt(?:-pipeline)? (?:simulate|up|demo --ui)\b[^|;&]*")
"""Commands that serve until they are stopped; a reader runs them in another terminal."""
_PATIENCE_S: Final = 400
_PROLOGUE: Final = """\
set -euo pipefail
mkdir -p .walk
trap 'status=$?; kill $(jobs -p) 2>/dev/null || true; wait; exit $status' EXIT
"""


def script(blocks: Iterable[Block], *, study: str = "data/study.yaml") -> str:
    """A bash script that does what the blocks say.

    Shell blocks run as they are, but a server runs beside the rest until the end; a YAML block becomes the study,
    a Python block runs in Python. Blocks in other languages, and those marked as not run, are left out.
    """
    parts = {"sh": _shell, "python": _python, "yaml": lambda block: _study(block, study)}
    wanted = [block for block in blocks if block.language in parts and not block.not_run_because]
    return _PROLOGUE + "".join(f"echo '## {block}'\n{parts[block.language](block)}" for block in wanted)


def walk(
    blocks: Iterable[Block], folder: Path, environment: Mapping[str, str], *, study: str = "data/study.yaml"
) -> subprocess.CompletedProcess[str]:
    """Run the blocks in a folder with these variables alone; stderr is part of stdout."""
    return subprocess.run(
        ["/bin/bash", "-c", script(blocks, study=study)],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )


def _shell(block: Block) -> str:
    return "".join(f"{_line(line)}\n" for line in block.text.splitlines())


def _line(line: str) -> str:
    """The line; a server starts in the background, and the next line waits until it has printed something."""
    served = SERVERS.match(line)
    if not served:
        return line
    is_ready = "until [ -s .walk/server ]; do kill -0 $!; sleep 0.2; done"
    return f"rm -f .walk/server; {served[0].strip()} >.walk/server 2>&1 & {is_ready}"


def _python(block: Block) -> str:
    return f"python - <<'END_OF_BLOCK'\n{block.text}END_OF_BLOCK\n"


def _study(block: Block, study: str) -> str:
    file = shlex.quote(study)
    return f"mkdir -p $(dirname {file})\ncat > {file} <<'END_OF_BLOCK'\n{textwrap.dedent(block.text)}END_OF_BLOCK\n"
