"""The slow targets run now and then; the age of the last run is reported and fails nothing."""

import re
import warnings

from tt_pipeline_tests.labs.full_run import (
    MOST_COMMITS,
    PAGE,
    ROOT,
    FullRunIsOld,
    TargetResult,
    commit_of,
    commits_behind,
    page,
)


def test_a_page_has_commit_and_results() -> None:
    """Each target has a row, a failed one is marked, and the commit can be read from the page."""
    results = [
        TargetResult(target="unit", is_passed=True, seconds=80.4),
        TargetResult(target="slow", is_passed=False, seconds=1800),
    ]
    text = page("0a1b2c3d4e5f", results)

    assert text.endswith("| unit | passed | 80 |\n| slow | FAILED | 1,800 |\n")
    assert (commit_of(text), commit_of(page(None, []))) == ("0a1b2c3d4e5f", None)


def test_make_all_runs_every_target_that_tests() -> None:
    """A target whose recipe calls pytest, a tool of `lint`, or a benchmark is in the list of `make all`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = " ".join(re.findall(r"^(?:EVERYTHING|OF_CI) := (.*)$", makefile, flags=re.MULTILINE))
    recipes = re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)
    testing = {name for name, recipe in recipes if re.search(r"pytest|mypy|ruff|labs\.benchmarks", recipe)}

    assert testing <= set(listed.split())


def test_the_last_full_run_is_recent() -> None:
    """An old run is a warning: a full run takes hours, and no single commit requires one."""
    commit = commit_of(PAGE.read_text(encoding="utf-8"))
    behind = commits_behind(commit) if commit else None
    if behind is None or behind > MOST_COMMITS:
        warnings.simplefilter("always", FullRunIsOld)
        warnings.warn(
            f"`make all` last ran {behind or 'an unknown number of'} commits ago: {PAGE.name}", FullRunIsOld, 2
        )
