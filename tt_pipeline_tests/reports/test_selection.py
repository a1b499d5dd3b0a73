"""Figures of some searches and days have the rows of these alone."""

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.reports import Selection, study_choices, study_figures
from tt_pipeline.reports.study_report.parts import PARTS
from tt_pipeline.reports.study_report.rows import open_study

EVERY_DAY = Selection(first_day=date(2000, 1, 1), last_day=date(2100, 1, 1))
HOSTILE = "x') or true; drop view core.videos; --"


@pytest.fixture
def current(published: Path, tmp_path: Path) -> Path:
    """The published file as if the study had its queries now."""
    file = tmp_path / "current.duckdb"
    shutil.copyfile(published, file)
    with duckdb.connect(file) as connection:
        connection.execute("update core.found_videos set is_current = true, kind = 'list'")
    return file


def rows_of(file: Path, name: str, selection: Selection) -> Sequence[Any]:
    """The rows of a part."""
    with open_study(file, selection=selection) as study:
        return study.rows_of(name).rows


# The fixture changes what the stored pairs of hashtags are made of; test_shown.py counts them again.
@pytest.mark.parametrize("name", [part.name for part in PARTS if part.name != "network"])
def test_all_days_leave_every_part_as_it_is(current: Path, name: str) -> None:
    """Marts that are computed again have the rows that were published."""
    assert rows_of(current, name, EVERY_DAY) == rows_of(current, name, Selection())


@pytest.mark.parametrize(
    ("selection", "videos"),
    [
        pytest.param(Selection(searches=("bees",)), 20, id="search"),
        pytest.param(Selection(searches=("bees", "climate")), 52, id="both searches"),
        pytest.param(Selection(searches=("climate",), first_day=date(2026, 10, 3)), 30, id="search and days"),
        pytest.param(Selection(last_day=date(2026, 10, 2)), 12, id="days"),
        pytest.param(Selection(searches=(HOSTILE,)), 0, id="hostile"),
    ],
)
def test_a_selection_has_its_videos(current: Path, selection: Selection, videos: int) -> None:
    """40 plain videos of the third, 30 of climate and 20 of bees; 12 others of the second."""
    hours = rows_of(current, "hours", selection)
    assert sum(row["videos"] for row in hours) == videos


def test_the_last_day_is_not_before_the_first() -> None:
    """The message has both days."""
    with pytest.raises(UsageError, match="The last day, 2026-10-01, is before the first, 2026-10-02"):
        Selection(first_day=date(2026, 10, 2), last_day=date(2026, 10, 1))


def test_figures_name_nobody_and_need_no_other_file(current: Path) -> None:
    """Neither pictures nor rows have handles; the pictures are complete SVG files."""
    figures = study_figures(current)

    assert {"creators", "hours"} <= {each.name for each in figures}
    assert [each.name for each in figures if "creator_1" in f"{each.svg}{each.rows}{each.lead}"] == []
    assert all(each.svg.startswith("<svg xmlns=") and "--vermilion:" in each.svg for each in figures)


def test_choices_are_those_of_the_study(published: Path) -> None:
    """Without a study there is nothing to choose."""
    choices = study_choices(published)
    assert (choices.searches, choices.first_day, choices.last_day) == ((), None, None)
