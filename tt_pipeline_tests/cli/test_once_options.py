"""The options of one-off commands."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tt_pipeline.cli.once_options import position, subjects_of, window_and_file
from tt_pipeline.coverage import Window
from tt_pipeline.errors import UsageError
from tt_pipeline.ingestion import Position
from tt_pipeline.vocabulary import Dataset

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def window(first: int, last: int) -> Window:
    """Days of November."""
    return Window(first_day=date(2026, 11, first), last_day=date(2026, 11, last))


@pytest.mark.parametrize(
    ("from_", "to", "expected"),
    [
        ("2026-11-01", ["2026-11-14", "rows.jsonl"], (window(1, 14), Path("rows.jsonl"))),
        ("2026-11-01", ["rows.csv", "2026-11-14"], (window(1, 14), Path("rows.csv"))),
        ("2026-11-01", [], (window(1, 19), None)),
        (None, ["2026-11-14"], (window(14, 14), None)),
        (None, [], (window(18, 19), None)),
    ],
)
def test_days_and_file(from_: str | None, to: list[str], expected: tuple[Window, Path | None]) -> None:
    """A --to with a file is the file; without days the latest two that have ended are searched."""
    assert window_and_file(from_, to, None, now=NOON) == expected


@pytest.mark.parametrize(
    ("from_", "to", "out", "says"),
    [
        (None, ["2026-11-31"], None, "--to '2026-11-31' is not a day of the calendar; write it like 2026-10-01."),
        (None, ["2026-11-01", "2026-11-02"], None, "Write one last day"),
        (None, ["a.csv"], Path("b.csv"), "Write one last day"),
        (None, ["rows.txt"], None, "rows.txt: the name must end with .jsonl"),
        (None, ["2026-11-20"], None, "--to 2026-11-20 has not ended: the last complete UTC day is 2026-11-19."),
        ("2026-11-05", ["2026-11-04"], None, "--from 2026-11-05 is after --to 2026-11-04."),
        ("soon", [], None, "--from 'soon' is not a day of the calendar"),
        (None, ["today"], None, "--to 'today' is not a day of the calendar; write it like 2026-10-01."),
        (None, ["1.11.2026"], None, "--to '1.11.2026' is not a day of the calendar; write it like 2026-10-01."),
    ],
)
def test_a_mistake_is_named(from_: str | None, to: list[str], out: Path | None, says: str) -> None:
    """The message repeats the option and says what to write."""
    with pytest.raises(UsageError, match=re.escape(says)):
        window_and_file(from_, to, out, now=NOON)


def test_a_place_has_two_parts() -> None:
    """A search_id without a cursor would begin at the wrong page."""
    assert (position(None, None), position("7", 0)) == (None, Position("7", 0))
    with pytest.raises(UsageError, match="belong together"):
        position("7", None)


def test_subjects_are_named_once() -> None:
    """A handle and a link of the same account are one account."""
    named = ["@tiktok", "https://www.tiktok.com/@tiktok", "other"]
    assert subjects_of(Dataset.PINNED, named).names == ("tiktok", "other")
