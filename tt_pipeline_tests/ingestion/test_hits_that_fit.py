"""core.search_hits.matches separates hits that fit their query from leaked and roughly matching ones."""

from collections import Counter

import pytest

from tt_pipeline.simulator import Knobs
from tt_pipeline_tests.collection_lab import Lab, MakeLab
from tt_pipeline_tests.ingestion.builders import DAYS, collect, rows, with_search

JUDGED = """
select hit.matches, video.username, lower(video.description) as description
from core.search_hits as hit
join core.videos as video using (video_id)
"""


def _found(lab: Lab, search: str) -> list[tuple[object, ...]]:
    with with_search(lab, search).session() as session:
        collect(session)
    return rows(lab, JUDGED)


def _busiest(lab: Lab) -> str:
    """The account with the most videos of a day."""
    ((username, _),) = Counter(video.creator.username for video in lab.simulator.world.videos(DAYS[0])).most_common(1)
    return username


def test_accounts_that_leak_through_the_username_filter_do_not_fit(make_lab: MakeLab) -> None:
    """In an account's search, videos of other accounts are false and its own are true."""
    with make_lab(Knobs(rate_per_minute=10**6, username_filter_leak_rate=0.1)) as lab:
        account = _busiest(lab)
        found = _found(lab, f"{{usernames: [{account}]}}")

    assert {(matches, username == account) for matches, username, _ in found} == {(True, True), (False, False)}


@pytest.mark.parametrize("is_fuzzy", [True, False])
def test_rough_matches_of_a_keyword_do_not_fit(make_lab: MakeLab, *, is_fuzzy: bool) -> None:
    """A hit is true exactly if its description contains the word."""
    with make_lab(Knobs(rate_per_minute=10**6, keyword_fuzz=is_fuzzy)) as lab:
        found = _found(lab, "{keywords: [climate]}")

    verdicts = Counter((matches, "climate" in str(description)) for matches, _, description in found)
    assert set(verdicts) == ({(True, True), (False, False)} if is_fuzzy else {(True, True)})
