"""The walk does what a reader of the page would do."""

import os
import sys
from pathlib import Path

from tt_pipeline_tests.documents.blocks import blocks, section
from tt_pipeline_tests.documents.walking import walk

PAGE = Path(__file__).parents[2] / "docs" / "example.md"
TEXT = """\
# A page

## First

```sh
export WORD=kept
cd below 2>/dev/null || mkdir below
```

```yaml
study: Title
```

### Smaller

```sh
cat data/study.yaml; echo "$WORD"
```

```text
output
```

<!-- not run: it would fail -->
```sh
false
```

## Second

```sh
false
```
"""


def test_blocks_run_in_order_in_one_shell(tmp_path: Path) -> None:
    """A variable of the first block is there in the next; output and marked blocks are left out."""
    first = section(TEXT, "First")
    assert first
    ended = walk(blocks(PAGE, first), tmp_path, dict(os.environ))
    assert (ended.returncode, ended.stdout.splitlines()[-2:]) == (0, ["study: Title", "kept"])


def test_a_failed_command_ends_the_walk(tmp_path: Path) -> None:
    """Otherwise a later command that works would hide it."""
    second = section(TEXT, "Second")
    assert second
    assert walk(blocks(PAGE, second), tmp_path, dict(os.environ)).returncode == 1


def test_a_heading_that_is_not_there_has_no_section() -> None:
    """A caller can tell it from an empty one."""
    assert section(TEXT, "Third") is None


def test_a_block_knows_its_line_and_its_reason() -> None:
    """A failure names what an editor opens."""
    marked = [(block.line, block.not_run_because) for block in blocks(PAGE, TEXT) if block.not_run_because]
    assert marked == [(25, "it would fail")]


def test_a_server_runs_until_the_end_of_the_walk(tmp_path: Path) -> None:
    """A reader starts it in another terminal, and it is still there for the last command."""
    text = "```sh\ntt simulate --port 0\n```\n\n```sh\nhead -1 $output; kill -0 $!; sleep 0.5; echo $!\n```\n"
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    ended = walk(blocks(PAGE, text), tmp_path, {**os.environ, "PATH": path})

    lines = ended.stdout.splitlines()
    assert (ended.returncode, lines[-2][:17]) == (0, "http://127.0.0.1:")
    assert not Path("/proc", lines[-1]).exists()
