"""The study changes while it runs: the cost and the results of an edit, a new name and a removal."""

from collections import Counter

import pytest

from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.coverage.workspace import open_workspace
from tt_pipeline.reports.answers import query_published
from tt_pipeline.vocabulary import SearchStatus
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place

pytestmark = pytest.mark.journey

VIDEOS = CollectOptions(from_=f"{FIRST_DAY}", to=f"{LAST_DAY}", only="videos", yes=True)


def edited(place: Place, old: str, new: str) -> None:
    """Change a line of the study."""
    text = place.settings.study_file.read_text()
    assert old in text
    place.settings.study_file.write_text(text.replace(old, new))


def collect(place: Place) -> int:
    """Collect the searches' days; returns the number of requests."""
    return collect_and_publish(place.settings, VIDEOS).receipt.requests


def statuses(place: Place, name: str) -> Counter[SearchStatus]:
    """The number of days of a search with each status."""
    with open_workspace(place.settings) as workspace:
        (search,) = (search for search in workspace.study.searches if search.name == name)
        days = workspace.coverage().searches.days(search, days_between(FIRST_DAY, LAST_DAY))
        return Counter(day.status for day in days)


def answer(place: Place, sql: str) -> list[tuple[object, ...]]:
    """Rows of the published warehouse."""
    return query_published(place.settings.files.published, sql).rows()


def test_an_edited_query_is_collected_again_and_its_videos_stay(collected: Place) -> None:
    """After an edit every day is outdated and collected again; both versions are separate in the marts."""
    edited(collected, "[climate, klima]", "[climate, klima, climatechange]")
    after_edit = statuses(collected, "climate")
    cost = collect(collected)
    versions = answer(
        collected, "select is_current, count(*) from ops.searches where search = 'climate' group by 1 order by 1"
    )
    hits = answer(collected, "select count(distinct fingerprint) from core.search_hits where search = 'climate'")

    assert after_edit == {SearchStatus.OUTDATED: 6}
    assert cost == 1  # one window of six days; football was complete
    assert statuses(collected, "climate") == {SearchStatus.COMPLETE: 6}
    assert versions == [(False, 1), (True, 1)]
    assert hits == [(2,)]


def test_a_new_name_costs_nothing(collected: Place) -> None:
    """The same query under another name is complete at once, and its videos have the new name."""
    before = answer(collected, "select sum(videos) from marts.daily_volume where search = 'climate'")
    edited(collected, "  climate:", "  warming:")
    cost = collect(collected)

    assert cost == 0
    assert statuses(collected, "warming") == {SearchStatus.COMPLETE: 6}
    assert answer(collected, "select sum(videos) from marts.daily_volume where search = 'warming'") == before


def test_a_removed_search_keeps_its_data(collected: Place) -> None:
    """Its videos stay in the warehouse; it is neither requested nor counted as missing."""
    found = answer(collected, "select count(*) from core.search_hits where search = 'football'")
    edited(collected, "  football: {hashtags: [football, fussball], regions: [DE, AT]}\n", "")
    cost = collect(collected)

    assert cost == 0
    assert answer(collected, "select count(*) from core.search_hits where search = 'football'") == found
    assert answer(collected, "select is_current from ops.searches where search = 'football'") == [(False,)]
    assert answer(collected, "select count(*) from ops.search_coverage where search = 'football'") == [(0,)]
