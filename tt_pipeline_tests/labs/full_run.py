"""Runs targets of the Makefile and keeps docs/evidence/last-full-run.md: how each ended last, and at which commit.

`make all` calls it with every target. A target that fails does not keep the others from running; the exit code is then
1. Targets can run on different days: each keeps its own commit.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "evidence" / "last-full-run.md"
MOST_COMMITS = 50
"""Behind HEAD, before a test warns."""
_HEAD = """\
# The last full run

`make all` runs every target and writes this page; nothing here is written by hand.
Each row is the latest run of a target; the targets of `make test` also run at every change.

| target | commit | result | seconds |
| --- | --- | --- | ---: |
"""


class FullRunIsOld(UserWarning):
    """A target has not run for many commits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResult:
    """How one target of the Makefile ended."""

    target: str
    commit: str
    is_passed: bool
    seconds: float


def page(results: Iterable[TargetResult]) -> str:
    """The page as Markdown."""
    rows = (
        f"| {each.target} | {each.commit} | {'passed' if each.is_passed else 'FAILED'} | {each.seconds:,.0f} |\n"
        for each in results
    )
    return _HEAD + "".join(rows)


def results_of(text: str) -> list[TargetResult]:
    """The results in a page."""
    rows = re.findall(r"^\| ([a-z-]+) \| ([0-9a-f]+) \| (passed|FAILED) \| ([\d,]+) \|$", text, flags=re.MULTILINE)
    return [
        TargetResult(target=name, commit=commit, is_passed=how == "passed", seconds=float(seconds.replace(",", "")))
        for name, commit, how, seconds in rows
    ]


def commits_behind(commit: str) -> int | None:
    """How many commits HEAD is ahead of a commit; None where git does not know it."""
    count = _git("rev-list", "--count", f"{commit}..HEAD")
    return int(count) if count else None


def run(target: str, commit: str) -> TargetResult:
    """Run `make <target>`; its output goes where ours goes."""
    print(f"== make {target}", flush=True)  # noqa: T201 — hours pass: whoever waits sees where it is
    begun = time.monotonic()
    ended = subprocess.run(["make", target], cwd=ROOT, check=False)
    seconds = time.monotonic() - begun
    return TargetResult(target=target, commit=commit, is_passed=ended.returncode == 0, seconds=seconds)


def _git(*arguments: str) -> str:
    """What git prints; nothing where there is no git or it fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    head, is_sound = _git("rev-parse", "--short=12", "HEAD") or "0", True
    for name in sys.argv[1:]:
        ended = run(name, head)
        is_sound = is_sound and ended.is_passed
        kept = {each.target: each for each in results_of(PAGE.read_text(encoding="utf-8"))}
        PAGE.write_text(page((kept | {name: ended}).values()), encoding="utf-8")
    sys.exit(not is_sound)
