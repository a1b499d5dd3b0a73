"""What it costs to collect some days of one asset now, with `--again` or without.

`tt collect`, Dagster's runs and the question whether to agree take the price from here. What was collected before has
the pages of its latest look, and an unfinished look lacks the rest of them; new days have those of the plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from tt_pipeline.coverage import (
    DayCoverage,
    PendingObservation,
    StudyCoverage,
    days_between,
    list_of,
    looks_to_begin,
    min_requests,
    query_includes,
    reached_end_or_cap,
)
from tt_pipeline.landing import PageEntry, VideoFacts, WindowEntry
from tt_pipeline.planning.calibration import calibrated, known_replies
from tt_pipeline.planning.comments import pages_needed
from tt_pipeline.planning.earlier_queries import looks_of_wider_queries
from tt_pipeline.planning.estimate import NOTHING, ONE, Estimate, total
from tt_pipeline.planning.evidence import Evidence
from tt_pipeline.planning.searches import requests_at_once
from tt_pipeline.studies import CommentRules, Search, StudyQuery, find_search
from tt_pipeline.vocabulary import AccountList, StopReason


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPrice:
    """Requests for some days of one asset.

    Attributes:
        again: For what was collected before and is requested once more.
        days_again: Its days, oldest first.
        other: For what is missing: it was never requested, is not finished, or has failed.
    """

    again: Estimate = NOTHING
    days_again: tuple[date, ...] = ()
    other: Estimate = NOTHING

    @property
    def total(self) -> Estimate:
        """Everything, in whole requests."""
        return (self.again + self.other).rounded()

    def __add__(self, further: "DayPrice") -> "DayPrice":
        """Both together."""
        return DayPrice(
            again=self.again + further.again,
            days_again=tuple(sorted({*self.days_again, *further.days_again})),
            other=self.other + further.other,
        )


def price_of_days(
    coverage: StudyCoverage, asset: str, days: Sequence[date], *, again_since: datetime | None = None
) -> DayPrice:
    """Requests for collecting these days of an asset now.

    Comments and profiles are counted for the videos that were found so far.

    Args:
        coverage: What has landed.
        asset: `videos/<search>`, `comments`, `users` or `social/<list>`.
        days: UTC days; those that are complete cost nothing without `again_since`.
        again_since: Also days that have no look since this instant.
    """
    if account_list := list_of(asset):
        return _of_list(coverage, account_list, days, again_since)
    if asset == "comments":
        return _sum(_of_comments(coverage, day, again_since) for day in days)
    if asset == "users":
        return _of_profiles(coverage, days, again_since)
    search = find_search(coverage.study, asset.removeprefix("videos/"))
    return _SearchPrice(coverage, search, again_since).of(days)


def _sum(prices: Iterable[DayPrice]) -> DayPrice:
    return sum(prices, DayPrice())


def _of_list(
    coverage: StudyCoverage, account_list: AccountList, days: Sequence[date], again_since: datetime | None
) -> DayPrice:
    """Pages of the latest observations; those that are not due without `again_since` are requested again."""
    lists = coverage.account_lists
    price = DayPrice()
    for day in days:
        due = {pending.target for pending in lists.to_observe(account_list, day)}
        for pending in lists.to_observe(account_list, day, again_since=again_since):
            pages = Estimate.exactly(_pages_of_list(pending, lists.looks(account_list, pending.target)))
            is_again = pending.target not in due
            price += DayPrice(again=pages, days_again=(day,)) if is_again else DayPrice(other=pages)
    return price


def _pages_of_list(pending: PendingObservation, looks: Sequence[PageEntry]) -> int:
    ended = [look.pages for look in looks if look.ends]
    landed = pending.begun.pages if pending.begun else 0
    return max(1, (ended[-1] if ended else 1) - landed)


def _of_comments(coverage: StudyCoverage, day: date, again_since: datetime | None) -> DayPrice:
    comments, listings = coverage.comments, coverage.landed.listings
    videos = comments.videos_to_list_again(day, again_since) if again_since else comments.videos_to_request(day)
    again = [listing for v in videos if again_since and (listing := listings.get(f"{v.video_id}")) and listing.ends]
    subjects = {listing.subject for listing in again}
    missing = [video for video in videos if f"{video.video_id}" not in subjects]
    pages_again = sum(max(1, listing.pages) for listing in again) + (_pages_of_threads(coverage, day) if again else 0)
    return DayPrice(
        again=Estimate.exactly(pages_again),
        days_again=(day,) if again else (),
        other=_missing_pages(coverage, missing),
    )


def _pages_of_threads(coverage: StudyCoverage, day: date) -> int:
    """Pages of the replies that were requested for a day's videos."""
    replies = coverage.comments.replies.values()
    return sum(look.pages for look in replies if look.day == day and look.subject not in coverage.landed.listings)


def _missing_pages(coverage: StudyCoverage, videos: Sequence[VideoFacts]) -> Estimate:
    """Requests for the comments of these videos, less the pages of unfinished listings, and for their replies."""
    rules, listings = coverage.study.comments, coverage.landed.listings
    landed = [listings.get(f"{video.video_id}") for video in videos]
    pages = [
        0 if look and _has_ended(look) and not coverage.comments.cap_was_raised(look) else max(1, needed - _pages(look))
        for look, needed in zip(landed, _pages_of(videos, rules), strict=True)
    ]
    listed = Estimate.exactly(sum(pages))
    if not rules.replies:
        return listed
    requests = Estimate.exactly(sum(max(page, _pages(look)) for page, look in zip(pages, landed, strict=True)))
    return listed + requests * known_replies(coverage).per_comment_request(requests.likely)


def _has_ended(listing: PageEntry) -> bool:
    """Whether only the replies to a listing can be missing."""
    return listing.ends in {StopReason.COMPLETE, StopReason.COMMENT_CAP} and not listing.unread


def _pages(listing: PageEntry | None) -> int:
    return listing.pages if listing else 0


def _pages_of(videos: Sequence[VideoFacts], rules: CommentRules) -> list[int]:
    import polars as pl

    counts = pl.DataFrame({"comment_count": [v.comment_count for v in videos]}, schema={"comment_count": pl.Int64})
    return counts.select(pages_needed(rules).clip(1).cast(pl.Int64)).to_series().to_list()


def _of_profiles(coverage: StudyCoverage, days: Sequence[date], again_since: datetime | None) -> DayPrice:
    """One request for each account, counted on the first of the days that names it."""
    profiles, seen, price = coverage.profiles, set[str](), DayPrice()
    for day in days if coverage.study.users.wanted else ():
        names = profiles.accounts_to_request(day)
        if again_since:
            names = [name for name in profiles.accounts_of(day) if not profiles.is_looked_up_since(name, again_since)]
        new = set(names) - seen
        again = len(new & profiles.profiles.keys()) if again_since else 0
        price += DayPrice(
            again=Estimate.exactly(again),
            days_again=(day,) if again else (),
            other=Estimate.exactly(len(new) - again),
        )
        seen |= new
    return price


@dataclass(frozen=True)
class _SearchPrice:
    """The price of a search's days; what several queries need is computed once."""

    coverage: StudyCoverage
    search: Search
    again_since: datetime | None

    def of(self, days: Sequence[date]) -> DayPrice:
        return _sum(self._of_query(query, days) for query in self.search.queries)

    @cached_property
    def _looks(self) -> list[WindowEntry]:
        """The looks that have ended, also those with earlier queries that found all that the present one can find."""
        own = self.coverage.landed.looks_of(self.search)
        return [*looks_of_wider_queries(self.coverage, self.search), *filter(reached_end_or_cap, own)]

    @cached_property
    def _evidence(self) -> Evidence:
        return calibrated(self.coverage)

    def _of_query(self, query: StudyQuery, days: Sequence[date]) -> DayPrice:
        """The looks that are finished, and those that begin then; nothing where a landed page cannot be read."""
        every = self.coverage.searches.days(query, [day for day in days if query_includes(query, day)])
        covered = [] if query.is_id_list and any(day.is_unreadable for day in every) else every
        covered = [day for day in covered if not day.is_unreadable]
        unfinished = {look.load_id: look for day in covered for look in day.windows if look.ends is None}
        begins = [(day, number) for day in covered if (number := self._looks_to_begin(day))]
        again = {day.day: number for day, number in begins if self.again_since and day.windows}
        new = {day.day: number for day, number in begins if day.day not in again}
        return DayPrice(
            again=self._of_looks(query, again),
            days_again=tuple(again),
            other=total(self._rest_of(query, look) for look in unfinished.values()) + self._of_looks(query, new),
        )

    def _looks_to_begin(self, day: DayCoverage) -> int:
        """Looks that begin at a day after its unfinished looks have been finished."""
        is_begun = any(look.ends is None for look in day.windows)
        if is_begun and self.again_since:  # the unfinished look is the one look more
            return 0
        finished = tuple(replace(look, ends=look.ends or StopReason.COMPLETE) for look in day.windows)
        then = replace(day, windows=finished, attempts=0) if is_begun else day
        coverage = self.coverage
        return looks_to_begin(then, now=coverage.now, look_ages=coverage.study.looks, again_since=self.again_since)

    def _of_looks(self, query: StudyQuery, looks: Mapping[date, int]) -> Estimate:
        if query.sample:
            return Estimate.exactly(sum(looks.values()))
        known = [day for day in looks if slots_at_latest_look(self._looks, day) is not None]
        new = [day for day in looks if day not in known]
        of_new = requests_at_once(query, self._slots(query, len(new)), new) if new else NOTHING
        return (requests_of_look(query, self._looks, known) if known else NOTHING) + of_new

    def _rest_of(self, query: StudyQuery, look: WindowEntry) -> Estimate:
        """Pages that an unfinished look still lacks; at least one."""
        days = days_between(look.first_day, look.last_day)
        slots = total(self._slots_of_day(query, day, look) for day in days)
        pages = ONE if query.sample else slots.map(lambda number: min_requests(round(number)))
        return pages.map(lambda number: max(1, number - look.pages))

    def _slots_of_day(self, query: StudyQuery, day: date, look: WindowEntry) -> Estimate:
        known = slots_at_latest_look(self._looks, day)
        if known is not None:
            return Estimate.exactly(known)
        return density_of(look) or self._slots(query, 1)

    def _slots(self, query: StudyQuery, days: int) -> Estimate:
        return self._evidence.rates[query.fingerprint].slots(days)


def density_of(look: WindowEntry) -> Estimate | None:
    """Slots a day of an unfinished look, by the days that its pages have reached; None without a video.

    The newest videos come first, so the oldest of these days has only begun.
    """
    reached = [day for day in look.by_day if look.covers(day)]
    if not reached:
        return None
    days = (look.last_day - min(reached)).days + 1
    return Estimate(look.slots / days, look.slots / (days - 0.5), look.slots / max(0.1, days - 1))


def requests_of_look(query: StudyQuery, looks: Sequence[WindowEntry], days: Sequence[date]) -> Estimate:
    """Requests for one look at these days, which have as many slots as at their latest look."""
    by_day = [slots for day in days if (slots := slots_at_latest_look(looks, day)) is not None]
    return requests_at_once(query, Estimate.exactly(sum(by_day) / len(by_day) if by_day else 0), days)


def slots_at_latest_look(looks: Sequence[WindowEntry], day: date) -> float | None:
    """Slots of a day at its latest look, by the average over its window; an unfinished look counts without another."""
    covering = [look for look in looks if look.covers(day)]
    ended = [look for look in covering if reached_end_or_cap(look)] or covering
    return ended[-1].slots / ((ended[-1].last_day - ended[-1].first_day).days + 1) if ended else None
