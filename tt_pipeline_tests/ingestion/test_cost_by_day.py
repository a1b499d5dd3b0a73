"""The cost of a window is divided over its days, and the parts add up."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.ingestion.cost_by_day import requests_by_window, share
from tt_pipeline.landing import Location, WindowEntry
from tt_pipeline_tests.coverage.builders import window

FIRST, SECOND, THIRD = date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3)


def named(load_id: str, **override: Any) -> WindowEntry:
    """A window of a load."""
    return window(location=Location(root=Path(), name=f"{load_id}.ndjson"), **override)


def test_a_window_is_shared_by_the_videos_of_its_days() -> None:
    """A day with three of four videos has three quarters of the cost; strays have none."""
    entry = window(first_day=FIRST, last_day=THIRD, by_day={FIRST: 3, THIRD: 1, date(2026, 9, 1): 5})

    assert [share(entry, day) for day in (FIRST, SECOND, THIRD)] == [0.75, 0.0, 0.25]


def test_an_empty_window_is_shared_equally() -> None:
    """A window without videos costs requests too, and each day has the same part."""
    entry = window(first_day=FIRST, last_day=THIRD, by_day={})

    assert [share(entry, day) for day in (FIRST, SECOND, THIRD)] == pytest.approx([1 / 3] * 3)


def test_requests_go_to_the_windows_they_were_sent_for() -> None:
    """Two looks that begin on one day divide the charged requests by their pages, failed requests too."""
    windows = [named("a", pages=1), named("b", pages=3), named("c", first_day=FIRST)]

    spent = requests_by_window(windows, {("climate", SECOND): 6, ("climate", FIRST): 1})

    assert spent == {"a": 1.5, "b": 4.5, "c": 1.0}


def test_a_cost_that_is_not_in_the_ledger_is_not_zero() -> None:
    """After a ledger was lost, the cost of earlier windows is unknown."""
    assert requests_by_window([named("a")], {}) == {"a": None}
