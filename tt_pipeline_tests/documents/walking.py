"""Runs the blocks of a page in order in one shell, as a reader would who types them."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from tt_pipeline_tests.builders import free_port
from tt_pipeline_tests.documents.blocks import Block

SERVERS: Final = re.compile(r"(?:uvx )?tt(?:-pipeline)? (simulate|up|demo --ui)\b[^|;&]*")
"""Commands that serve until they are stopped; a reader runs them in another terminal."""
USUAL_PORT: Final = "8641"
"""The simulator's port in documents; a walk uses a free one."""
_PATIENCE_S: Final = 1200
_PROLOGUE: Final = """\
set -euo pipefail
mkdir -p .walk
output=$PWD/.walk/server
trap 'status=$?; kill $(jobs -p) 2>/dev/null || true; wait; exit $status' EXIT
"""


def walk(blocks: Iterable[Block], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the blocks in a folder with these variables alone; stderr is part of stdout."""
    return subprocess.run(
        ["/bin/bash", "-c", script(blocks, environment)],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )


def script(blocks: Iterable[Block], environment: Mapping[str, str]) -> str:
    """A bash script that does what the blocks say.

    Shell blocks run as they are, but a server runs beside the rest until the end; a whole study in YAML becomes
    the study;
    Python and SQL run in Python, SQL on the published warehouse. Blocks in other languages, and those marked as not
    run, are left out. After a line that unsets variables, those of the environment are set again: what would then be
    sent to TikTok is still sent to the simulator.
    """
    wanted = [block for block in blocks if block.language in _PARTS and not block.not_run_because]
    settings = "; ".join(
        f"export {name}={shlex.quote(value)}" for name, value in environment.items() if name.startswith("TT_")
    )
    text = "".join(f"echo '## {block}'\n{_PARTS[block.language](block.text)}" for block in wanted)
    text = re.sub(r"^unset .*$", rf"\g<0>; {settings}", text, flags=re.MULTILINE) if settings else text
    return _PROLOGUE + text.replace(f"127.0.0.1:{USUAL_PORT}", f"127.0.0.1:{free_port()}")


def _shell(text: str) -> str:
    return "".join(f"{_line(line)}\n" for line in text.splitlines())


def _line(line: str) -> str:
    """The line; a server starts in the background, and the next line waits until it has printed something."""
    served = SERVERS.match(line)
    if not served:
        return line
    port = (
        f"--port $(echo 127.0.0.1:{USUAL_PORT} | cut -d: -f2)" if served[1] == "simulate" else f"--port {free_port()}"
    )
    command = served[0].strip() + (f" {port}" if "--port" not in line else "")
    return f"rm -f $output; {command} >$output 2>&1 & until [ -s $output ]; do kill -0 $!; sleep 0.2; done"


def _python(text: str) -> str:
    return f"python - <<'END_OF_BLOCK'\n{text}END_OF_BLOCK\n"


def _sql(text: str) -> str:
    query = text.strip().removesuffix(";")
    return _python(f"import tt_pipeline\nprint(tt_pipeline.open().sql({query!r}).pl())\n")


def _study(text: str) -> str:
    """Write a whole study; `test_blocks.py` reads the parts."""
    if not text.startswith("study:"):
        return ""
    data_dir = "${TT_DATA_DIR:-data}"
    return f"mkdir -p {data_dir}\ncat > {data_dir}/study.yaml <<'END_OF_BLOCK'\n{text}END_OF_BLOCK\n"


_PARTS: Final[Mapping[str, Callable[[str], str]]] = {"sh": _shell, "python": _python, "sql": _sql, "yaml": _study}
