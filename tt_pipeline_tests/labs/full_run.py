"""Runs every target of the Makefile and writes docs/evidence/last-full-run.md: the commit and the results.

`make all` calls it. A target that fails does not keep the others from running; the exit code is then 1.
"""

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "evidence" / "last-full-run.md"
MOST_COMMITS = 50
"""Behind HEAD, before a test warns."""
_HEAD = """\
# The last full run

`make all` runs every target in turn and writes this page; nothing here is written by hand.
A test warns when the commit is unknown or more than {most} commits behind.

Commit: {commit}

| target | result | seconds |
| --- | --- | ---: |
"""


class FullRunIsOld(UserWarning):
    """The slow targets have not run for many commits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResult:
    """How one target of the Makefile ended."""

    target: str
    is_passed: bool
    seconds: float


def page(commit: str | None, results: Sequence[TargetResult]) -> str:
    """The page as Markdown; without a commit it says that there was no full run yet."""
    rows = [f"| {each.target} | {'passed' if each.is_passed else 'FAILED'} | {each.seconds:,.0f} |" for each in results]
    named = f"`{commit}`" if commit else "none: `make all` has not been run yet"
    return _HEAD.format(most=MOST_COMMITS, commit=named) + "".join(f"{row}\n" for row in rows)


def commit_of(text: str) -> str | None:
    """The commit in a page; None if the page is of no run."""
    found = re.search(r"^Commit: `([0-9a-f]+)`", text, flags=re.MULTILINE)
    return found[1] if found else None


def commits_behind(commit: str) -> int | None:
    """How many commits HEAD is ahead of a commit; None where git does not know it."""
    count = _git("rev-list", "--count", f"{commit}..HEAD")
    return int(count) if count else None


def run(target: str) -> TargetResult:
    """Run `make <target>`; its output goes where ours goes."""
    print(f"== make {target}", flush=True)  # noqa: T201 — hours pass: whoever waits sees where it is
    begun = time.monotonic()
    ended = subprocess.run(["make", target], cwd=ROOT, check=False)
    return TargetResult(target=target, is_passed=ended.returncode == 0, seconds=time.monotonic() - begun)


def _git(*arguments: str) -> str:
    """What git prints; nothing where there is no git or it fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    head, results = _git("rev-parse", "--short=12", "HEAD"), []
    for name in sys.argv[1:]:
        results.append(run(name))
        PAGE.write_text(page(head or None, results), encoding="utf-8")
    sys.exit(not all(each.is_passed for each in results))
