"""The slow targets run now and then; the age of the last run is reported and fails nothing."""

import re
import warnings

from tt_pipeline_tests.labs.full_run import (
    MOST_COMMITS,
    PAGE,
    ROOT,
    FullRunIsOld,
    TargetResult,
    commits_behind,
    page,
    results_of,
)


def test_a_page_keeps_the_latest_run_of_each_target() -> None:
    """Each target has a row, a failed one is marked, and the rows can be read from the page."""
    results = [
        TargetResult(target="unit", commit="0a1b2c3d4e5f", is_passed=True, seconds=80),
        TargetResult(target="slow", commit="1a1b2c3d4e5f", is_passed=False, seconds=1800),
    ]
    text = page(results)

    assert text.endswith("| unit | 0a1b2c3d4e5f | passed | 80 |\n| slow | 1a1b2c3d4e5f | FAILED | 1,800 |\n")
    assert results_of(text) == results


def test_make_all_runs_every_target_that_tests() -> None:
    """A target whose recipe calls pytest, a tool of `lint`, or a benchmark is in the list of `make all`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)
    testing = {name for name, recipe in recipes if re.search(r"pytest|mypy|ruff|labs\.benchmarks", recipe)}

    assert testing <= _targets()


def test_the_last_full_run_is_recent() -> None:
    """An old or missing run is a warning: a full run takes hours, and no single commit requires one."""
    found = results_of(PAGE.read_text(encoding="utf-8"))
    behind = {each.target: commits_behind(each.commit) for each in found}
    missing = _targets() - behind.keys()
    old = {target for target, commits in behind.items() if commits is None or commits > MOST_COMMITS}
    if missing or old:
        warnings.simplefilter("always", FullRunIsOld)
        warnings.warn(
            f"{PAGE.name}: not run yet: {sorted(missing)}; more than {MOST_COMMITS} commits ago: {sorted(old)}",
            FullRunIsOld,
            2,
        )


def _targets() -> set[str]:
    """Every target of `make all`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = " ".join(re.findall(r"^(?:EVERYTHING|OF_CI) := (.*)$", makefile, flags=re.MULTILINE))
    return {name for name in named.split() if name.isalpha()}
