"""What every part of a study costs from now on: one line a part, in all and a day.

How many looks are to be bought says `agenda.py`, how many videos there are `evidence.py`.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

import polars as pl

from tt_pipeline.ingestion.holdings import pages_for
from tt_pipeline.ingestion.planning import assumptions as prior
from tt_pipeline.ingestion.planning.agenda import Agenda, agenda, horizon
from tt_pipeline.ingestion.planning.estimate import NOTHING, Estimate, together, total
from tt_pipeline.ingestion.planning.evidence import (
    AssumedCreators,
    Creators,
    Evidence,
    Unfinished,
    accounts_of,
    pages_of,
)
from tt_pipeline.ingestion.windows import PAGE_SLOTS, Window, cut, widest_window
from tt_pipeline.studies import Search, Study
from tt_pipeline.vocabulary import Dataset

A_MONTH: Final = 30
"""What a day costs is said of the average over so many days."""
_HIDDEN_RUNS: Final = Estimate(0, 0, 2)
"""Pages of each search: runs of hidden videos, and a first window that turns out too wide."""


class Part(StrEnum):
    """What requests are for."""

    SEARCHES = "searches"
    COMMENTS = "comments"
    USERS = "users"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a part costs.

    Attributes:
        part: Refresh is looks after the first, and profiles after the first.
        search: Whose videos; None where all searches share.
        per_day: Requests a day while the study runs, after what has piled up.
        total: Requests from now on.
    """

    part: Part
    dataset: Dataset
    search: str | None
    per_day: Estimate
    total: Estimate


@dataclass(frozen=True)
class Costs:
    """A study, what is known of it, and the arithmetic over both."""

    study: Study
    evidence: Evidence
    now: datetime

    @cached_property
    def planned(self) -> Window:
        """The days that are planned."""
        return horizon(self.study, self.now)

    @cached_property
    def asked(self) -> tuple[Search, ...]:
        """What is sent, of all searches; the same query under two names is sent once."""
        return tuple({asked.fingerprint: asked for search in self.study.searches for asked in search.asked}.values())

    @cached_property
    def agendas(self) -> dict[str, Agenda]:
        """By fingerprint: which looks are to be bought."""
        looks = self.study.looks
        return {
            asked.fingerprint: agenda(
                asked, self.planned, self.evidence.seen.get(asked.fingerprint, {}), now=self.now, looks=looks
            )
            for asked in self.asked
        }

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every part, with what failed requests cost."""
        lines = [*self._searches(), self._comments(), *self._users()]
        return tuple(
            Line(
                part=line.part,
                dataset=line.dataset,
                search=line.search,
                per_day=line.per_day * prior.FAILURES,
                total=(line.total * prior.FAILURES).whole(),
            )
            for line in lines
        )

    def in_all(self, estimates: Iterable[Estimate]) -> Estimate:
        """The sum of lines: while a search is only assumed, all are off with it; afterwards half of it is their own."""
        has_landed = all(self.evidence.rates[asked.fingerprint].days for asked in self.asked)
        return together(estimates) if has_landed else total(estimates)

    def _searches(self) -> Iterator[Line]:
        for search in self.study.searches:
            parts = [asked for asked in search.asked if asked in self.asked]
            first, again, a_day = (
                (total(column) for column in zip(*map(self._look_costs, parts), strict=True))
                if parts
                else (NOTHING,) * 3
            )
            for part, per_day, in_all in (
                (Part.SEARCHES, a_day, first),
                (Part.REFRESH, a_day.times(len(self.study.looks) - 1), again),
            ):
                yield Line(part=part, dataset=Dataset.VIDEOS, search=search.name, per_day=per_day, total=in_all)

    def _look_costs(self, asked: Search) -> tuple[Estimate, Estimate, Estimate]:
        """Pages of the first looks, of the later ones, and of one look at a usual day."""
        to_buy, rate = self.agendas[asked.fingerprint], self.evidence.rates[asked.fingerprint]
        slots = rate.slots(len(to_buy.unseen) or A_MONTH)
        half = self.evidence.unfinished.get(asked.fingerprint, Unfinished())
        first = _bought(asked, slots, to_buy.due_first, to_buy.ahead_first).less(half.pages)
        runs = _HIDDEN_RUNS if to_buy.due_first or to_buy.ahead_first else NOTHING
        again = _bought(asked, slots, to_buy.due_again, to_buy.ahead_again)
        # Listed ids have their days; there is no usual one.
        a_day = NOTHING if prior.lists_ids(asked.query) else _pages(asked, rate.slots(A_MONTH), 1)
        return first + runs, again, a_day

    def _comments(self) -> Line:
        rules, counts = self.study.comments, self.evidence.counts
        each = counts.requests_a_video(rules, self.new_videos.likely)
        to_come = self.new_videos * each
        return Line(
            part=Part.COMMENTS,
            dataset=Dataset.COMMENTS,
            search=None,
            per_day=total(self.videos_a_day) * counts.requests_a_video(rules, self.videos_a_month),
            total=self._known_comments() + to_come,
        )

    def _known_comments(self) -> Estimate:
        pages = (pages_of(self.study.comments) - pl.col("pages_landed")).clip(0)
        missing = self.evidence.videos.filter(~pl.col("is_whole")).select(pages.sum()).item()
        return self.evidence.counts.growth.times(float(missing or 0))

    @cached_property
    def new_videos(self) -> Estimate:
        """Videos that are not found yet, each once."""
        return total(self._new(self.planned.last_day))

    def _new(self, until: date) -> tuple[Estimate, Estimate]:
        """Videos until a day that are not found yet: of searches that have landed, of assumed ones."""
        return self.evidence.distinct_videos({asked.fingerprint: self._finds(asked, until) for asked in self.asked})

    def _finds(self, asked: Search, until: date) -> Estimate:
        unseen = [day for day in self.agendas[asked.fingerprint].unseen if day <= until]
        half = self.evidence.unfinished.get(asked.fingerprint, Unfinished())
        return self.evidence.rates[asked.fingerprint].over(len(unseen)).times(len(unseen)).less(half.records)

    @cached_property
    def videos_a_day(self) -> tuple[Estimate, Estimate]:
        """Videos that all searches together find a day: those that have landed, assumed ones."""
        rates = self.evidence.rates
        usual = {
            asked.fingerprint: rates[asked.fingerprint].over(A_MONTH)
            for asked in self.asked
            if not prior.lists_ids(asked.query)
        }
        return self.evidence.distinct_videos(usual)

    @property
    def videos_a_month(self) -> float:
        """Videos of an average month."""
        return total(self.videos_a_day).likely * A_MONTH

    def _users(self) -> Iterator[Line]:
        rules = self.study.users
        first, bought, first_a_day, bought_a_day = self._profiles() if rules.wanted else (NOTHING,) * 4
        yield Line(part=Part.USERS, dataset=Dataset.USERS, search=None, per_day=first_a_day, total=first)
        yield Line(
            part=Part.REFRESH,
            dataset=Dataset.USERS,
            search=None,
            per_day=_beyond(bought_a_day, first_a_day),
            total=_beyond(bought, first),
        )

    def _profiles(self) -> tuple[Estimate, Estimate, Estimate, Estimate]:
        """Profiles bought for the first time, and all; then the same a day."""
        people, days = self.evidence.people, len(self.planned.days)
        span = self.study.users.refresh_days + self.study.looks[0]
        fresh_until = self._first_profiles() + timedelta(days=self.study.users.refresh_days)
        never = people["profiled"].null_count()
        stale = people.filter(
            pl.col("profiled") < pl.col("last_day") - pl.duration(days=self.study.users.refresh_days)
        ).height
        first = Estimate.exactly(never) + self._new_creators(self._new(self.planned.last_day))
        bought = Estimate.exactly(never + stale) + self._new_creators(self._new(fresh_until))
        later = max(0, (self.planned.last_day - max(fresh_until, self.planned.first_day)).days)
        blocks, rest = divmod(later, span)
        bought = bought + self._met_in(span).times(blocks) + self._met_in(rest)
        known = self.evidence.creators.known if self.evidence.creators else 0
        all_first = Estimate.exactly(known) + self._new_creators(self._new(self.planned.last_day))
        return first, bought, all_first.times(1 / days), self._met_in(span).times(1 / span)

    def _first_profiles(self) -> date:
        """The day of the present profiles on the average; where there are none, of those to be bought next."""
        held = self.evidence.people["profiled"].drop_nulls()
        if len(held):
            return date.fromordinal(round(sum(day.toordinal() for day in held) / len(held)))
        return max(self.now.astimezone(UTC).date(), self.planned.first_day + timedelta(days=self.study.looks[0]))

    @cached_property
    def _strangers(self) -> AssumedCreators:
        return AssumedCreators(accounts_of(self.study))

    @property
    def _landed_creators(self) -> Creators:
        return self.evidence.creators or self._strangers

    def _new_creators(self, videos: tuple[Estimate, Estimate]) -> Estimate:
        of_landed, of_assumed = videos
        return self._landed_creators.new(of_landed) + self._strangers.distinct(of_assumed)

    def _met_in(self, days: int) -> Estimate:
        """Different creators in so many days to come."""
        of_landed, of_assumed = self.videos_a_day
        return self._landed_creators.distinct(of_landed.times(days)) + self._strangers.distinct(of_assumed.times(days))


def _bought(asked: Search, slots: Estimate, due: tuple[date, ...], ahead: int) -> Estimate:
    """Pages of days that are bought together now, and of looks that come one by one."""
    is_day_by_day = asked.sample or asked.max_videos_per_day
    windows = cut(due, max_days=1 if is_day_by_day else widest_window(slots.likely))
    return total(_pages(asked, slots, len(window.days)) for window in windows) + _pages(asked, slots, 1).times(ahead)


def _pages(asked: Search, slots: Estimate, days: int) -> Estimate:
    """Pages of one look at a window."""
    if asked.sample:
        return Estimate.exactly(asked.draws)
    if asked.max_videos_per_day:  # pages are left at the first that reaches it
        slots = slots.at_most(PAGE_SLOTS * math.ceil(asked.max_videos_per_day / PAGE_SLOTS))
    few, likely, many = slots.low * days, slots.likely * days, slots.high * days
    return Estimate(pages_for(math.floor(few)), pages_for(round(likely)), pages_for(math.ceil(many)))


def _beyond(whole: Estimate, part: Estimate) -> Estimate:
    """What of a whole is not a part of it; both are uncertain in the same way."""
    rests = (whole.low - part.low, whole.likely - part.likely, whole.high - part.high)
    return Estimate(*sorted(round(max(0.0, rest), 9) for rest in rests))
