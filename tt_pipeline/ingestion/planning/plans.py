"""The plan as a value: what `tt plan` shows, and the JSON that it prints."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from tt_pipeline.ingestion.planning import assumptions as prior
from tt_pipeline.ingestion.planning.costs import A_MONTH, Costs, Line
from tt_pipeline.ingestion.planning.estimate import Estimate, total
from tt_pipeline.ingestion.planning.evidence import Evidence
from tt_pipeline.ingestion.planning.settings import Setting, ladder
from tt_pipeline.ingestion.planning.yields import YieldPoint, yield_curve
from tt_pipeline.quota import DEFAULT_LIMITS, days_of_quota
from tt_pipeline.studies import Search, Study
from tt_pipeline.vocabulary import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a search is taken to find.

    Attributes:
        days_landed: From so many days; 0 where it is assumed or given.
        days_to_come: Days of which nothing is held yet.
    """

    search: str
    videos_per_day: Estimate
    days_landed: int
    is_given: bool
    days_to_come: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a study costs from now on.

    Attributes:
        last_day: The last day that is planned: the study's, or for one without an end the later of yesterday and its
            30th day.
        goes_on: Days of the study are still to come, so that there is a daily demand.
        videos_landed: From whose comment counts and creators the rest is estimated; 0 where that is assumed.
        per_day: Requests a day, after what has piled up.
        total: Requests from now on.
        settings: The study as it is, then what would cost less.
        curve: Which share of the reachable comments N more days of quota buy.
        assumptions: What the numbers rest on beside what has landed, one sentence each.
    """

    title: str
    made_at: datetime
    first_day: date
    last_day: date
    goes_on: bool
    requests_per_day: int
    searches: tuple[Outlook, ...]
    videos_landed: int
    lines: tuple[Line, ...]
    per_day: Estimate
    total: Estimate
    settings: tuple[Setting, ...]
    curve: tuple[YieldPoint, ...]
    assumptions: tuple[str, ...]

    @property
    def days(self) -> Estimate:
        """Days of quota from now on."""
        return self.total.through(lambda requests: days_of_quota(requests, per_day=self.requests_per_day))

    @property
    def is_calibrated(self) -> bool:
        """Whether every search has landed something."""
        return all(search.days_landed for search in self.searches)


def plan(study: Study, evidence: Evidence, now: datetime, *, further_days: Sequence[int] = ()) -> Plan:
    """Plan a study from what is known of it; nothing is sent.

    Args:
        further_days: Also say what so many more days of quota buy.
    """
    costs = Costs(study, evidence, now)
    as_is, *others = ladder(costs)
    return Plan(
        title=study.title,
        made_at=now,
        first_day=costs.planned.first_day,
        last_day=costs.planned.last_day,
        goes_on=study.last_day is None or study.last_day >= now.astimezone(UTC).date(),
        requests_per_day=study.quota.requests_per_day,
        searches=tuple(_outlook(costs, search) for search in study.searches),
        videos_landed=evidence.counts.videos,
        lines=costs.lines,
        per_day=as_is.per_day,
        total=as_is.total,
        settings=(as_is, *others),
        curve=yield_curve(costs, further_days=further_days),
        assumptions=tuple(_assumptions(costs)),
    )


def _outlook(costs: Costs, search: Search) -> Outlook:
    rates = [costs.evidence.rates[asked.fingerprint] for asked in search.asked]
    agendas = [costs.agendas[asked.fingerprint] for asked in search.asked]
    found = total(
        rate.over(len(agenda.unseen) or A_MONTH).times(len(agenda.days))
        for rate, agenda in zip(rates, agendas, strict=True)
    )
    days = {day for agenda in agendas for day in agenda.days}
    return Outlook(
        search=search.name,
        videos_per_day=found.times(1 / max(1, len(days))),
        days_landed=sum(rate.days for rate in rates),
        is_given=all(rate.is_given for rate in rates),
        days_to_come=len({day for agenda in agendas for day in agenda.unseen}),
    )


def _assumptions(costs: Costs) -> Iterator[str]:
    evidence, study = costs.evidence, costs.study
    assumed = [rate for rate in evidence.rates.values() if not rate.days]
    if assumed:
        yield prior.about_given() if any(rate.is_given for rate in assumed) else prior.about_searches()
        yield prior.about_pages()
    if assumed and len(evidence.rates) > 1:
        yield prior.about_overlap()
    if study.comments.wanted and not evidence.counts.videos:
        yield prior.about_comments()
    if study.comments.wanted and evidence.counts.growth == prior.YOUNG_COUNTS:
        yield "Comment counts were read from young videos; the comments may cost up to 60% more than they say."
    if study.users.wanted and not evidence.creators:
        yield prior.about_creators()
    if study.users.wanted:
        yield f"A creator is looked up once in {study.users.refresh_days} days, however many searches find them."
    yield "What is due now is bought in windows of up to 30 days, what comes later day by day."
    yield prior.about_failures()
    if study.comments.wanted and (study.comments.replies or study.comments.sample):
        yield "Comments are planned as listings of every video: replies and samples of videos are not considered."
    if study.accounts:
        yield f"Lists of accounts, whose quota is {DEFAULT_LIMITS[Bucket.SOCIAL]:,} calls of their own, are left out."
    yield "Re-checking what is stored, which the terms oblige you to, is not counted: a few requests a day."
