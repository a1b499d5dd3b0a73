"""The most requests that collecting days with the new query of an edited search can need.

Nobody knows how many videos the new query finds until it has landed. Until then its days cost as much as those of a
search that was never tried, at the high end. Only assumptions are used, so that the price of fewer days is lower.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from tt_pipeline.coverage import StudyCoverage, days_between
from tt_pipeline.planning.calibration import calibrated
from tt_pipeline.planning.costs import Costs
from tt_pipeline.planning.estimate import CostPart
from tt_pipeline.planning.evidence import VideoRate, assumed
from tt_pipeline.studies import Search

_ASSET_OF: Final = {
    CostPart.SEARCHES: "videos",
    CostPart.COMMENTS: "comments",
    CostPart.REPLIES: "comments",
    CostPart.USERS: "users",
    CostPart.MENTIONED: "users",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MostRequests:
    """The high end of what a query finds on some days, and of its price.

    Attributes:
        videos: Number of videos on these days.
        requests: By `videos`, `comments` and `users`.
        is_measured: The number of videos follows from days that the query has collected.
    """

    videos: int = 0
    requests: Mapping[str, int] = field(default_factory=dict)
    is_measured: bool = False


def most_requests(coverage: StudyCoverage, search: Search, days: Sequence[date]) -> MostRequests:
    """The most that these days of a search need, as `tt plan` estimates it; replies and mentioned accounts included."""
    first_day, last_day = min(days), max(days)
    study = replace(coverage.study, searches=(search,), first_day=first_day, last_day=last_day, accounts=None)
    others = dict.fromkeys(set(days_between(first_day, last_day)) - set(days), 0)
    before, measured = assumed(study, coverage.now), _measured(coverage, search)
    seen = {query.fingerprint: others for query in search.queries}
    costs = Costs.of(study, replace(before, rates={**before.rates, **measured}, seen=seen), coverage.now)
    requests = Counter[str]()
    for line in costs.lines:  # later looks and later profiles are due without the edit too
        if asset := _ASSET_OF.get(line.part):
            requests[asset] += round(line.total.high)
    videos = costs.searches.new_videos.rounded().high
    return MostRequests(videos=round(videos), requests=requests, is_measured=bool(measured))


def _measured(coverage: StudyCoverage, search: Search) -> dict[str, VideoRate]:
    """What the queries of a search have found on their own days so far."""
    if not coverage.landed.looks_of(search):
        return {}
    rates = calibrated(coverage).rates
    return {query.fingerprint: rate for query in search.queries if (rate := rates[query.fingerprint]).days}
