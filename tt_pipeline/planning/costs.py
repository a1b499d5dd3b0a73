"""Computes the requests for every part of a study from now on: one line for each part, in total and a day.

`searches.py` decides which looks remain; `evidence.py` has the numbers of videos.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Final

import polars as pl

from tt_pipeline.coverage import Window
from tt_pipeline.planning import assumptions
from tt_pipeline.planning.comments import (
    assumed_sample_requests,
    calibrated_sample_requests,
    drawn_videos,
    pages_needed,
    videos_to_list,
)
from tt_pipeline.planning.estimate import NOTHING, CostLine, CostPart, Estimate, half_correlated_total, total
from tt_pipeline.planning.evidence import Evidence, UnfinishedWindows, number_of_accounts
from tt_pipeline.planning.lists import list_lines
from tt_pipeline.planning.people import AssumedPeople, ProfileCosts, ProfileOwners, Videos, profile_costs
from tt_pipeline.planning.searches import (
    DAYS_A_MONTH,
    RemainingLooks,
    planned_days,
    remaining_looks,
    requests_a_day,
    requests_at_once,
)
from tt_pipeline.studies import Search, Study, StudyQuery
from tt_pipeline.vocabulary import Bucket, Dataset

_FURTHER_PAGES: Final = Estimate(0, 0, 2)
"""Pages of each query for runs of hidden videos, and for a first window that turns out too wide."""


@dataclass(frozen=True)
class Costs:
    """The requests of a study, computed from its evidence."""

    study: Study
    evidence: Evidence
    now: datetime

    @cached_property
    def planned(self) -> Window:
        """The days that are planned."""
        return planned_days(self.study, self.now)

    @cached_property
    def queries(self) -> tuple[StudyQuery, ...]:
        """The queries of all searches; two searches with the same query share it."""
        return tuple({query.fingerprint: query for query in self.study.queries}.values())

    @cached_property
    def remaining(self) -> dict[str, RemainingLooks]:
        """The looks that are still to be requested, by the fingerprint of the query."""
        seen, looks = self.evidence.seen, self.study.looks
        return {
            query.fingerprint: remaining_looks(
                query, self.planned, seen.get(query.fingerprint, {}), now=self.now, looks=looks
            )
            for query in self.queries
        }

    @cached_property
    def lines(self) -> tuple[CostLine, ...]:
        """Every part, failed requests included."""
        lines = [*self._search_lines(), *self._comment_lines(), *self._user_lines(), *self._list_lines()]
        failures = assumptions.FAILURES
        return tuple(
            replace(line, per_day=line.per_day * failures, total=(line.total * failures).rounded()) for line in lines
        )

    @property
    def main_lines(self) -> tuple[CostLine, ...]:
        """The parts that are counted against the main quota."""
        return tuple(line for line in self.lines if line.bucket is Bucket.MAIN)

    def in_total(self, estimates: Iterable[Estimate]) -> Estimate:
        """The sum of parts. While any query is assumed, the errors of all parts may have the same direction."""
        is_calibrated = all(self.evidence.rates[query.fingerprint].days for query in self.queries)
        return half_correlated_total(estimates) if is_calibrated else total(estimates)

    def _search_lines(self) -> Iterator[CostLine]:
        later_looks = len(self.study.looks) - 1
        for search in self.study.searches:
            costs = [self._look_costs(query) for query in search.queries if query in self.queries]
            first, again, a_day = (total(each[column] for each in costs) for column in range(3))
            of_search = CostLine(
                part=CostPart.SEARCHES, dataset=Dataset.VIDEOS, search=search.name, per_day=a_day, total=first
            )
            yield of_search
            yield replace(of_search, part=CostPart.REFRESH, per_day=a_day.times(later_looks), total=again)

    def _look_costs(self, query: StudyQuery) -> tuple[Estimate, Estimate, Estimate]:
        """Requests for the first looks, for the later ones, and for one look at a usual day."""
        remaining, rate = self.remaining[query.fingerprint], self.evidence.rates[query.fingerprint]
        slots = rate.slots(len(remaining.unseen) or DAYS_A_MONTH)
        first, again = (
            requests_at_once(query, slots, due) + requests_a_day(query, slots).times(ahead)
            for due, ahead in (
                (remaining.due_first, remaining.ahead_first),
                (remaining.due_again, remaining.ahead_again),
            )
        )
        has_first = remaining.due_first or remaining.ahead_first
        first = first.minus(self._unfinished(query).pages) + (_FURTHER_PAGES if has_first else NOTHING)
        # A list of ids has no usual day: its videos are of given days.
        is_list = assumptions.lists_ids(query.query)
        return first, again, NOTHING if is_list else requests_a_day(query, rate.slots(DAYS_A_MONTH))

    def _unfinished(self, query: StudyQuery) -> UnfinishedWindows:
        return self.evidence.unfinished.get(query.fingerprint, UnfinishedWindows())

    def _comment_lines(self) -> Iterator[CostLine]:
        rules, pages = self.study.comments, pages_needed(self.study.comments)
        to_come, a_day = self._sampled_to_come() if rules.sample else self._listed_to_come()
        known = videos_to_list(self.evidence.videos, rules)
        missing = (pages - pl.col("pages_landed")).clip(0)
        of_known = self.evidence.counts.growth.times(_sum(known.filter(~pl.col("is_whole")), missing))
        yield CostLine(part=CostPart.COMMENTS, dataset=Dataset.COMMENTS, per_day=a_day, total=of_known + to_come)
        if rules.wanted and rules.replies:
            without_replies = known.filter(~pl.col("has_replies").fill_null(value=False))
            listed = Estimate.exactly(_sum(without_replies, pages)) + to_come
            ratio = self.evidence.replies.per_comment_request(listed.likely)
            yield CostLine(part=CostPart.REPLIES, dataset=Dataset.REPLIES, per_day=a_day * ratio, total=listed * ratio)

    def _listed_to_come(self) -> tuple[Estimate, Estimate]:
        """Requests for the comments of all videos that will still be found, in total and a day."""
        rules, counts, a_day = self.study.comments, self.evidence.counts, total(self._videos_a_day)
        to_come = self.new_videos * counts.requests_a_video(rules, self.new_videos.likely)
        return to_come, a_day * counts.requests_a_video(rules, a_day.likely * DAYS_A_MONTH)

    def _sampled_to_come(self) -> tuple[Estimate, Estimate]:
        """Requests for the comments of drawn videos that will still be found, in total and a day."""
        rules, to_come, a_day = self.study.comments, NOTHING, NOTHING
        if not rules.wanted:
            return to_come, a_day
        drawn = drawn_videos(self.evidence.videos, rules)
        for search in self.study.searches:
            own = drawn.filter(pl.col("search") == search.name)
            unseen = {day for query in search.queries for day in self.remaining[query.fingerprint].unseen}
            begun = _sum(own.filter(pl.col("day").is_in(unseen)), pages_needed(rules))
            to_come += self._sampled_a_day(search, own, len(unseen)).times(len(unseen)).minus(begun)
            if not assumptions.lists_ids(search.query):
                a_day += self._sampled_a_day(search, own, DAYS_A_MONTH)
        return to_come, a_day

    def _sampled_a_day(self, search: Search, drawn: pl.DataFrame, days: int) -> Estimate:
        """Average requests a day for the comments of a search's drawn videos, over this number of future days."""
        counts, rules = self.evidence.counts, self.study.comments
        of_queries = [self.remaining[query.fingerprint] for query in search.queries]
        seen = {day for remaining in of_queries for day in set(remaining.days) - set(remaining.unseen)}
        if seen and counts.videos:
            pages = dict(drawn.group_by("day").agg(pages_needed(rules).sum()).iter_rows())
            return calibrated_sample_requests([pages.get(day, 0.0) for day in seen], days) * counts.growth
        return assumed_sample_requests(self.found_a_day(search, days), counts, rules)

    def found_a_day(self, search: Search, days: int = DAYS_A_MONTH) -> Estimate:
        """Videos a day of a search, without videos that are counted for another search."""
        days_of = {query.fingerprint: self.remaining[query.fingerprint].days for query in search.queries}
        all_days = {day for days in days_of.values() for day in days}
        # The parts of a search cover different days, so each is weighted by its share of the days.
        found = {
            fingerprint: self.evidence.rates[fingerprint].over(days).times(len(own) / max(1, len(all_days)))
            for fingerprint, own in days_of.items()
        }
        return total(self.evidence.distinct_videos(found))

    @cached_property
    def new_videos(self) -> Estimate:
        """Different videos that are not found yet."""
        return total(self._new_until(self.planned.last_day))

    def _new_until(self, last_day: date) -> Videos:
        """Different videos until a day that are not found yet."""
        return self.evidence.distinct_videos(
            {query.fingerprint: self._to_find(query, last_day) for query in self.queries}
        )

    def _to_find(self, query: StudyQuery, last_day: date) -> Estimate:
        days = sum(day <= last_day for day in self.remaining[query.fingerprint].unseen)
        found = self.evidence.rates[query.fingerprint].over(days).times(days)
        return found.minus(self._unfinished(query).records)

    @cached_property
    def _videos_a_day(self) -> Videos:
        """Different videos that all queries find together on a usual day."""
        queries = [query.fingerprint for query in self.queries if not assumptions.lists_ids(query.query)]
        return self.evidence.distinct_videos({each: self.evidence.rates[each].over(DAYS_A_MONTH) for each in queries})

    def _user_lines(self) -> Iterator[CostLine]:
        rules, evidence, accounts = self.study.users, self.evidence, number_of_accounts(self.study)
        has_mentioned = rules.wanted and rules.mentioned
        creators = everybody = ProfileCosts()
        if rules.wanted:
            creators = everybody = self._profile_costs(
                ProfileOwners(evidence.creators, evidence.calibrated_creators, AssumedPeople(accounts))
            )
        if has_mentioned:
            everybody = self._profile_costs(
                ProfileOwners(evidence.named, evidence.calibrated_named, AssumedPeople(accounts, with_mentioned=True))
            )
        of_users = CostLine(
            part=CostPart.USERS, dataset=Dataset.USERS, per_day=creators.first_a_day, total=creators.first
        )
        yield of_users
        if has_mentioned:
            # A mentioned account that later posts a video is requested once: subtract the creators from all people.
            per_day, first = (
                everybody.first_a_day.without(creators.first_a_day),
                everybody.first.without(creators.first),
            )
            yield replace(of_users, part=CostPart.MENTIONED, per_day=per_day, total=first)
        yield replace(of_users, part=CostPart.REFRESH, per_day=everybody.again_a_day, total=everybody.again)

    def _profile_costs(self, people: ProfileOwners) -> ProfileCosts:
        return profile_costs(
            self.study, people, new_until=self._new_until, a_day=self._videos_a_day, planned=self.planned, now=self.now
        )

    def _list_lines(self) -> list[CostLine]:
        today = self.now.astimezone(UTC).date()
        return list_lines(
            self.study, self.evidence.lists, self._top_creators(), today=today, last_day=self.planned.last_day
        )

    def _top_creators(self) -> Estimate:
        """Creators that the search for top creators finds."""
        top = self.study.accounts.top_creators if self.study.accounts else None
        if top is None:
            return NOTHING
        (search,) = (search for search in self.study.searches if search.name == top.search)
        days = max(len(self.remaining[query.fingerprint].days) for query in search.queries)
        return AssumedPeople().distinct(self.found_a_day(search).times(days))


def _sum(videos: pl.DataFrame, value: pl.Expr) -> float:
    return float(videos.select(value.sum()).item() or 0)
