"""Computes the requests for every part of a study from now on: one line for each part, in total and a day.

What the searches cost is in `search_costs.py`; how many videos there are is in `evidence.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from tt_pipeline.coverage import Window
from tt_pipeline.planning import assumptions
from tt_pipeline.planning.checks import check_line
from tt_pipeline.planning.comments import (
    SampleClasses,
    assumed_sample_requests,
    calibrated_sample_requests,
    drawn_videos,
    pages_needed,
    sample_classes,
    videos_to_list,
)
from tt_pipeline.planning.estimate import NOTHING, CostLine, CostPart, Estimate, half_correlated_total, total
from tt_pipeline.planning.evidence import Evidence, number_of_accounts
from tt_pipeline.planning.lists import list_lines
from tt_pipeline.planning.people import AssumedPeople, ProfileCosts, ProfileOwners, profile_costs
from tt_pipeline.planning.search_costs import SearchCosts
from tt_pipeline.planning.searches import DAYS_A_MONTH
from tt_pipeline.studies import Search, Study
from tt_pipeline.vocabulary import Bucket, Dataset

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt status` does without
    import polars as pl


@dataclass(frozen=True)
class Costs:
    """The price of a study, computed from what is known of it.

    Attributes:
        searches: What its searches find and cost.
    """

    study: Study
    searches: SearchCosts

    @classmethod
    def of(cls, study: Study, evidence: Evidence, now: datetime) -> Self:
        """The price of a study on the basis of this evidence."""
        return cls(study, SearchCosts(study, evidence, now))

    def with_rules_of(self, study: Study) -> Self:
        """The price of a study that has the same days, searches and looks, but other rules."""
        return replace(self, study=study)

    @property
    def evidence(self) -> Evidence:
        """What the price is computed from."""
        return self.searches.evidence

    @property
    def now(self) -> datetime:
        """The instant of the plan."""
        return self.searches.now

    @property
    def planned(self) -> Window:
        """The days that are planned."""
        return self.searches.planned

    @cached_property
    def lines(self) -> tuple[CostLine, ...]:
        """Every part, failed requests included."""
        lines = [*self.searches.lines, *self._comment_lines(), *self._user_lines(), *self._list_lines()]
        lines.append(self._check_line(lines))
        failures = assumptions.FAILURES
        return tuple(
            replace(line, per_day=line.per_day * failures, total=(line.total * failures).rounded()) for line in lines
        )

    @property
    def main_lines(self) -> tuple[CostLine, ...]:
        """The parts that are counted against the main quota."""
        return tuple(line for line in self.lines if line.bucket is Bucket.MAIN)

    def in_total(self, estimates: Iterable[Estimate]) -> Estimate:
        """The sum of parts: cautious while any query is assumed, because then all parts are off together."""
        is_calibrated = all(self.evidence.rates[fingerprint].days for fingerprint in self.searches.queries)
        return half_correlated_total(estimates) if is_calibrated else total(estimates)

    def _comment_lines(self) -> Iterator[CostLine]:
        import polars as pl

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
        """Requests for the comments of all videos that are not found yet, in total and a day."""
        rules, counts, a_day = self.study.comments, self.evidence.counts, total(self.searches.videos_a_day)
        new_videos = self.searches.new_videos
        to_come = new_videos * counts.requests_a_video(rules, new_videos.likely)
        return to_come, a_day * counts.requests_a_video(rules, a_day.likely * DAYS_A_MONTH)

    def _sampled_to_come(self) -> tuple[Estimate, Estimate]:
        """Requests for the comments of drawn videos that will still be found, in total and a day."""
        rules, to_come, a_day = self.study.comments, NOTHING, NOTHING
        if not rules.wanted:
            return to_come, a_day
        pages, classes = self._pages_of_drawn(), sample_classes(self.evidence.counts, rules)
        for search in self.study.searches:
            by_day = pages.get(search.name, {})
            unseen = {day for query in search.queries for day in self.searches.remaining[query.fingerprint].unseen}
            begun = sum(by_day.get(day, 0.0) for day in unseen)
            in_these_days = self._sampled_a_day(search, by_day, classes, len(unseen))
            to_come += in_these_days.times(len(unseen)).minus(begun)
            if not assumptions.lists_ids(search.query):
                a_day += self._sampled_a_day(search, by_day, classes, DAYS_A_MONTH)
        return to_come, a_day

    def _pages_of_drawn(self) -> dict[str, dict[date, float]]:
        """Requests for the comments of the drawn videos that were found, by search and day."""
        rules, pages = self.study.comments, defaultdict[str, dict[date, float]](dict)
        drawn = drawn_videos(self.evidence.videos, rules)
        for search, day, requests in drawn.group_by("search", "day").agg(pages_needed(rules).sum()).iter_rows():
            pages[search][day] = requests
        return pages

    def _sampled_a_day(
        self, search: Search, by_day: Mapping[date, float], classes: SampleClasses, days: int
    ) -> Estimate:
        """Requests for the comments of a search's drawn videos, on the average of so many days to come."""
        counts = self.evidence.counts
        of_queries = [self.searches.remaining[query.fingerprint] for query in search.queries]
        seen = {day for remaining in of_queries for day in set(remaining.days) - set(remaining.unseen)}
        if seen and counts.videos:
            return calibrated_sample_requests([by_day.get(day, 0.0) for day in seen], days) * counts.growth
        return assumed_sample_requests(self.searches.found_a_day(search, days), classes) * counts.growth

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
        yield replace(of_users, part=CostPart.AGAIN, per_day=everybody.again_a_day, total=everybody.again)

    def _profile_costs(self, people: ProfileOwners) -> ProfileCosts:
        found = self.searches
        return profile_costs(
            self.study,
            people,
            new_until=found.new_until,
            a_day=found.videos_a_day,
            planned=self.planned,
            now=self.now,
        )

    def _list_lines(self) -> list[CostLine]:
        today = self.now.astimezone(UTC).date()
        return list_lines(
            self.study, self.evidence.lists, self._top_creators(), today=today, last_day=self.planned.last_day
        )

    def _check_line(self, others: Sequence[CostLine]) -> CostLine:
        days_ahead = max(0, (self.planned.last_day - self.now.astimezone(UTC).date()).days)
        return check_line(self.study, self.evidence.stored, self.searches.new_videos, others, days_ahead=days_ahead)

    def _top_creators(self) -> Estimate:
        """Creators that the search for top creators finds."""
        top = self.study.accounts.top_creators if self.study.accounts else None
        if top is None:
            return NOTHING
        (search,) = (search for search in self.study.searches if search.name == top.search)
        days = max(len(self.searches.remaining[query.fingerprint].days) for query in search.queries)
        return AssumedPeople().distinct(self.searches.found_a_day(search).times(days))


def _sum(videos: "pl.DataFrame", value: "pl.Expr") -> float:
    return float(videos.select(value.sum()).item() or 0)
