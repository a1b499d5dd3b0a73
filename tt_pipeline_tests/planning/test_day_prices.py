"""The price of days is what collecting them sends, whatever has landed of them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion import COLLECTIONS
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing.unreadable import Unreadable
from tt_pipeline.planning import price_of_days, repeats_again
from tt_pipeline.studies import find_search
from tt_pipeline_tests.collection_lab import NOON, STUDY, Lab

FIRST, LAST = NOON.date() - timedelta(days=17), NOON.date() - timedelta(days=12)
DAYS = days_between(FIRST, LAST)
BUSY = STUDY.replace("hashtags: [climate, klima]", "regions: [DE, US, GB, FR]")
ASSETS = ("videos/climate", "comments", "users")
LATER = timedelta(seconds=1)


@dataclass(frozen=True)
class Collecting:
    """Collects assets in a lab."""

    lab: Lab

    def __call__(self, asset: str, *, most: int = 1_000, again_since: datetime | None = None) -> int:
        """Collect the days with at most so many further requests; returns how many were sent."""
        before = self.lab.sent()
        with self.lab.session(limit=before + most) as session:
            _collect(session, asset, again_since)
        return self.lab.sent() - before

    def price(self, asset: str, *, again_since: datetime | None = None) -> float:
        """What the days cost now."""
        with self.lab.session() as session:
            return price_of_days(session.coverage(), asset, DAYS, again_since=again_since).total.likely


def _collect(session: CollectionSession, asset: str, again_since: datetime | None) -> None:
    arguments: dict[str, Any] = {"again_since": again_since}
    if asset.startswith("videos/"):
        collect_videos(session, find_search(session.study, asset.removeprefix("videos/")), DAYS, **arguments)
    else:
        COLLECTIONS[asset].collect(session, DAYS, **arguments)


@pytest.fixture
def collecting(lab: Lab) -> Collecting:
    """A lab with a search of several pages."""
    lab.study = BUSY
    return Collecting(lab)


def test_days_cost_what_they_cost_before(collecting: Collecting) -> None:
    """Collected days are free; with `--again` they cost the pages of the latest look, in both sums alike."""
    sent = {asset: collecting(asset) for asset in ASSETS}
    since = collecting.lab.clock.now() + LATER
    collecting.lab.clock.advance(seconds=60)

    assert [collecting.price(asset) for asset in ASSETS] == [0, 0, 0]
    with collecting.lab.session() as session:
        repeats = {each.asset: each.requests for each in repeats_again(session.coverage(), ASSETS, DAYS, since)}
    assert repeats == {asset: collecting.price(asset, again_since=since) for asset in ASSETS} == sent


@pytest.mark.parametrize("asset", ASSETS)
def test_an_unfinished_look_costs_its_rest(collecting: Collecting, asset: str) -> None:
    """A look that stopped after three pages has so many fewer to come, and no second look is counted."""
    for each in ASSETS[: ASSETS.index(asset) + 1]:
        collecting(each)
    collecting.lab.clock.advance(seconds=60)
    since = collecting.lab.clock.now()
    collecting(asset, most=3, again_since=since)

    price = collecting.price(asset, again_since=since)

    assert price == collecting(asset, again_since=since) > 0


def test_an_unfinished_first_look_costs_its_rest(collecting: Collecting) -> None:
    """Without another look the plan's number of videos counts, less what has landed, and at least one page."""
    collecting("videos/climate", most=1)
    with collecting.lab.session() as session:
        price = price_of_days(session.coverage(), "videos/climate", DAYS).total

    assert price.low <= collecting("videos/climate") <= price.high


def test_days_that_cannot_be_read_cost_nothing(collecting: Collecting) -> None:
    """An unfinished look in such a file is not continued, because its pages may have landed."""
    collecting("videos/climate", most=1)
    with collecting.lab.session() as session:
        coverage = session.coverage()
        before = price_of_days(coverage, "videos/climate", DAYS).total
        coverage.index.unreadable = (Unreadable(path="x.ndjson", name="x", problem="Permission denied"),)
        after = price_of_days(replace(coverage), "videos/climate", DAYS).total

    assert (before.likely > 0, after.likely) == (True, 0)
