"""What every part of a study costs from now on: one line a part, in all and a day.

How many looks are to be bought says `agenda.py`, how many videos there are `evidence.py`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Final

import polars as pl

from tt_pipeline.coverage.windows import Window
from tt_pipeline.planning import assumptions as prior
from tt_pipeline.planning.comments import assumed_a_day, drawn, landed_a_day, pages_of, to_list
from tt_pipeline.planning.estimate import NOTHING, CostLine, CostPart, Estimate, together, total
from tt_pipeline.planning.evidence import Evidence, Unfinished, accounts_of
from tt_pipeline.planning.lists import list_lines
from tt_pipeline.planning.people import AssumedCreators, AssumedNames, Crowd, ProfileCosts, profile_costs
from tt_pipeline.planning.searches import A_MONTH, Agenda, agenda, bought_a_day, bought_together, horizon
from tt_pipeline.studies import Search, Study
from tt_pipeline.vocabulary import Bucket, Dataset

_HIDDEN_RUNS: Final = Estimate(0, 0, 2)
"""Pages of each search: runs of hidden videos, and a first window that turns out too wide."""


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
    def lines(self) -> tuple[CostLine, ...]:
        """Every part, with what failed requests cost."""
        lines = [*self._searches(), *self._comments(), *self._users(), *self._lists()]
        return tuple(
            replace(line, per_day=line.per_day * prior.FAILURES, total=(line.total * prior.FAILURES).whole())
            for line in lines
        )

    @property
    def main_lines(self) -> tuple[CostLine, ...]:
        """Those that share the quota of 1,000 requests a day."""
        return tuple(line for line in self.lines if line.bucket is Bucket.MAIN)

    def in_all(self, estimates: Iterable[Estimate]) -> Estimate:
        """The sum of lines: while a search is only assumed, all are off with it; afterwards half of it is their own."""
        has_landed = all(self.evidence.rates[asked.fingerprint].days for asked in self.asked)
        return together(estimates) if has_landed else total(estimates)

    def _searches(self) -> Iterator[CostLine]:
        for search in self.study.searches:
            parts = [asked for asked in search.asked if asked in self.asked]
            first, again, a_day = (
                (total(column) for column in zip(*map(self._look_costs, parts), strict=True))
                if parts
                else (NOTHING,) * 3
            )
            for part, per_day, in_all in (
                (CostPart.SEARCHES, a_day, first),
                (CostPart.REFRESH, a_day.times(len(self.study.looks) - 1), again),
            ):
                yield CostLine(part=part, dataset=Dataset.VIDEOS, search=search.name, per_day=per_day, total=in_all)

    def _look_costs(self, asked: Search) -> tuple[Estimate, Estimate, Estimate]:
        """Pages of the first looks, of the later ones, and of one look at a usual day."""
        to_buy, rate = self.agendas[asked.fingerprint], self.evidence.rates[asked.fingerprint]
        slots = rate.slots(len(to_buy.unseen) or A_MONTH)
        half = self.evidence.unfinished.get(asked.fingerprint, Unfinished())
        first = _bought(asked, slots, to_buy.due_first, to_buy.ahead_first).less(half.pages)
        runs = _HIDDEN_RUNS if to_buy.due_first or to_buy.ahead_first else NOTHING
        again = _bought(asked, slots, to_buy.due_again, to_buy.ahead_again)
        # Listed ids have their days; there is no usual one.
        a_day = NOTHING if prior.lists_ids(asked.query) else bought_a_day(asked, rate.slots(A_MONTH))
        return first + runs, again, a_day

    def _comments(self) -> Iterator[CostLine]:
        rules = self.study.comments
        to_come, a_day = self._drawn() if rules.sample else self._listed()
        known = to_list(self.evidence.videos, rules)
        begun = self.evidence.counts.growth.times(_missing_pages(known, pages_of(rules)))
        yield CostLine(
            part=CostPart.COMMENTS, dataset=Dataset.COMMENTS, search=None, per_day=a_day, total=begun + to_come
        )
        if rules.wanted and rules.replies:
            lacking = known.filter(~pl.col("has_replies").fill_null(value=False)).select(pages_of(rules).sum()).item()
            whole = Estimate.exactly(float(lacking or 0)) + to_come
            each = self.evidence.replies.each(whole.likely)
            yield CostLine(
                part=CostPart.REPLIES, dataset=Dataset.REPLIES, search=None, per_day=a_day * each, total=whole * each
            )

    def _listed(self) -> tuple[Estimate, Estimate]:
        """Requests for the comments of videos that are not found yet, and a day: every video has its turn."""
        rules, counts = self.study.comments, self.evidence.counts
        to_come = self.new_videos * counts.requests_a_video(rules, self.new_videos.likely)
        return to_come, total(self.videos_a_day) * counts.requests_a_video(rules, self.videos_a_month)

    def _drawn(self) -> tuple[Estimate, Estimate]:
        """The same where videos are drawn from each search and day."""
        if not self.study.comments.wanted:
            return NOTHING, NOTHING
        chosen = drawn(self.evidence.videos, self.study.comments)
        to_come, a_day = NOTHING, NOTHING
        for search in self.study.searches:
            own = chosen.filter(pl.col("search") == search.name)
            unseen = {day for asked in search.asked for day in self.agendas[asked.fingerprint].unseen}
            half = own.filter(pl.col("day").is_in(unseen)).select(pages_of(self.study.comments).sum()).item()
            to_come += self._drawn_a_day(search, own, len(unseen)).times(len(unseen)).less(half or 0)
            if not prior.lists_ids(search.query):
                a_day += self._drawn_a_day(search, own, A_MONTH)
        return to_come, a_day

    def _drawn_a_day(self, search: Search, own: pl.DataFrame, days: int) -> Estimate:
        """Requests for what is drawn of a search, on the average of so many days to come."""
        counts, rules = self.evidence.counts, self.study.comments
        seen = {day for asked in search.asked for day in self._seen(asked)}
        if seen and counts.videos:
            pages = own.group_by("day").agg(pages_of(rules).sum()).rows()
            by_day = dict.fromkeys(seen, 0.0) | {day: needed for day, needed in pages if day in seen}
            return landed_a_day(list(by_day.values()), days) * counts.growth
        return assumed_a_day(self.found_a_day(search, days), counts, rules)

    def _seen(self, asked: Search) -> set[date]:
        to_buy = self.agendas[asked.fingerprint]
        return set(to_buy.days) - set(to_buy.unseen)

    def found_a_day(self, search: Search, days: int = A_MONTH) -> Estimate:
        """Videos of a search a day that are counted under no other."""
        asked_days = {day for asked in search.asked for day in self.agendas[asked.fingerprint].days}
        found = {
            # Parts of a search ask for different days: together they find so many on one of them.
            asked.fingerprint: self.evidence.rates[asked.fingerprint]
            .over(days)
            .times(len(self.agendas[asked.fingerprint].days) / max(1, len(asked_days)))
            for asked in search.asked
        }
        return total(self.evidence.distinct_videos(found))

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

    def _users(self) -> Iterator[CostLine]:
        rules, nothing = self.study.users, ProfileCosts(NOTHING, NOTHING, NOTHING, NOTHING)
        creators = self._profiles(self._creators) if rules.wanted else nothing
        everybody = self._profiles(self._everybody) if rules.wanted and rules.mentioned else creators
        yield _of_users(CostPart.USERS, creators.first_a_day, creators.first)
        if rules.wanted and rules.mentioned:
            # Who was mentioned first and made a video later is bought once: only the sum tells.
            first_a_day = everybody.first_a_day.beyond(creators.first_a_day)
            yield _of_users(CostPart.MENTIONED, first_a_day, everybody.first.beyond(creators.first))
        yield _of_users(CostPart.REFRESH, everybody.again_a_day, everybody.again)

    def _profiles(self, crowd: Crowd) -> ProfileCosts:
        return profile_costs(
            self.study, crowd, new_until=self._new, a_day=self.videos_a_day, planned=self.planned, now=self.now
        )

    @property
    def _creators(self) -> Crowd:
        landed, strangers = self.evidence.creators, AssumedCreators(accounts_of(self.study))
        return Crowd(
            people=self.evidence.people,
            of_landed=landed or strangers,
            of_assumed=strangers,
            known=landed.known if landed else 0,
        )

    @property
    def _everybody(self) -> Crowd:
        landed, strangers = self.evidence.names, AssumedNames(AssumedCreators(accounts_of(self.study)))
        return Crowd(
            people=self.evidence.named,
            of_landed=landed or strangers,
            of_assumed=strangers,
            known=self.evidence.named.height if landed else 0,
        )

    def _lists(self) -> list[CostLine]:
        today = self.now.astimezone(UTC).date()
        return list_lines(
            self.study, self.evidence.observed, self._top_creators, today=today, last_day=self.planned.last_day
        )

    @property
    def _top_creators(self) -> Estimate:
        """Creators whom the search for top creators finds."""
        top = self.study.accounts.top_creators if self.study.accounts else None
        if top is None:
            return NOTHING
        (search,) = (search for search in self.study.searches if search.name == top.search)
        days = max(len(self.agendas[asked.fingerprint].days) for asked in search.asked)
        return AssumedCreators().distinct(self.found_a_day(search).times(days))


def _of_users(part: CostPart, per_day: Estimate, whole: Estimate) -> CostLine:
    return CostLine(part=part, dataset=Dataset.USERS, search=None, per_day=per_day, total=whole)


def _missing_pages(videos: pl.DataFrame, pages: pl.Expr) -> float:
    missing = (pages - pl.col("pages_landed")).clip(0).sum()
    return float(videos.filter(~pl.col("is_whole")).select(missing).item() or 0)


def _bought(asked: Search, slots: Estimate, due: tuple[date, ...], ahead: int) -> Estimate:
    """Pages of days that are bought together now, and of looks that come one by one."""
    return bought_together(asked, slots, due) + bought_a_day(asked, slots).times(ahead)
