"""The plan as a value: what `tt plan` shows, and the JSON that it prints."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from tt_pipeline.coverage.study_coverage import Holdings
from tt_pipeline.landing import LandingZone
from tt_pipeline.planning import assumptions as prior
from tt_pipeline.planning.cheaper_settings import CheaperSetting, ladder
from tt_pipeline.planning.costs import Costs
from tt_pipeline.planning.estimate import CostLine, Estimate, total
from tt_pipeline.planning.evidence import Evidence
from tt_pipeline.planning.searches import A_MONTH
from tt_pipeline.planning.yield_curve import YieldPoint, yield_curve
from tt_pipeline.quota import DEFAULT_LIMITS, days_of_quota
from tt_pipeline.settings import Settings
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
class Bill:
    """What followers and following cost: they have a quota of their own.

    Attributes:
        requests_per_day: That quota.
        per_day: Requests a day while accounts are observed.
        total: Requests from now on, until the last planned day.
    """

    requests_per_day: int
    per_day: Estimate
    total: Estimate

    @property
    def days(self) -> Estimate:
        """Days of that quota from now on."""
        return self.total.through(lambda requests: days_of_quota(requests, per_day=self.requests_per_day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a study costs from now on.

    Attributes:
        last_day: The last day that is planned: the study's, or for one without an end the later of yesterday and its
            30th day.
        goes_on: Days of the study are still to come, so that there is a daily demand.
        videos_landed: From whose comment counts and creators the rest is estimated; 0 where that is assumed.
        per_day: Requests a day of the main quota, after what has piled up.
        total: Requests of the main quota from now on.
        social: What is paid from the quota of followers and following; None when the study observes neither.
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
    lines: tuple[CostLine, ...]
    per_day: Estimate
    total: Estimate
    social: Bill | None
    settings: tuple[CheaperSetting, ...]
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
        social=_social(costs),
        settings=(as_is, *others),
        curve=yield_curve(costs, further_days=further_days),
        assumptions=tuple(_assumptions(costs)),
    )


def _social(costs: Costs) -> Bill | None:
    lines = [line for line in costs.lines if line.bucket is Bucket.SOCIAL]
    if not lines:
        return None
    return Bill(
        requests_per_day=DEFAULT_LIMITS[Bucket.SOCIAL],
        per_day=total(line.per_day for line in lines),
        total=total(line.total for line in lines).whole(),
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
    yield from _of_searches(costs)
    if costs.study.comments.wanted:
        yield from _of_comments(costs)
    if costs.study.users.wanted:
        yield from _of_users(costs)
    yield from _of_lists(costs)
    yield "What is due now is bought in windows of up to 30 days, what comes later day by day."
    yield prior.about_failures()
    yield "Re-checking what is stored, which the terms oblige you to, is not counted: a few requests a day."


def _of_searches(costs: Costs) -> Iterator[str]:
    evidence = costs.evidence
    assumed = [rate for rate in evidence.rates.values() if not rate.days]
    if assumed:
        yield prior.about_given() if any(rate.is_given for rate in assumed) else prior.about_searches()
        yield prior.about_pages()
    if assumed and len(evidence.rates) > 1:
        yield prior.about_overlap()
    yield from _of_samples(costs)


def _of_samples(costs: Costs) -> Iterator[str]:
    looks = len(costs.study.looks)
    for search in costs.study.searches:
        if search.sample:
            most = f"{search.sample.random * search.draws:,} videos of a day at a look"
            yield f"{search.name}: at most {most}" + (f", others at each of {looks}." if looks > 1 else ".")


def _of_comments(costs: Costs) -> Iterator[str]:
    evidence, rules = costs.evidence, costs.study.comments
    if not evidence.counts.videos:
        yield prior.about_comments()
    if evidence.counts.growth == prior.YOUNG_COUNTS:
        yield "Comment counts were read from young videos; the comments may cost up to 60% more than they say."
    if rules.sample:
        yield f"At most {rules.sample.per_stratum:,} videos of a search, a day and a size class are drawn."
    if rules.replies and not evidence.replies.listed:
        yield prior.about_replies()
    elif rules.replies:
        yield f"Replies are estimated from {evidence.replies.listed:,} requests for comments whose replies are held."


def _of_users(costs: Costs) -> Iterator[str]:
    evidence, rules = costs.evidence, costs.study.users
    if not evidence.creators:
        yield prior.about_creators()
    if rules.mentioned and not evidence.names:
        yield prior.about_mentioned()
    yield f"A creator is looked up once in {rules.refresh_days} days, however many searches find them."


def _of_lists(costs: Costs) -> Iterator[str]:
    rules = costs.study.accounts
    if rules is None:
        return
    last_day = max(costs.planned.last_day, costs.now.astimezone(UTC).date())
    yield f"A list is observed every {rules.every_days} days, also after the study's end; counted until {last_day}."
    if not costs.evidence.observed.is_landed:
        yield from (prior.about_list(each, max_per_list=rules.max_per_list) for each in rules.lists)


@contextmanager
def open_holdings(settings: Settings, study: Study) -> Iterator[Holdings | None]:
    """What has landed in the data dir, seen with the eyes of a study; None while there is no data dir."""
    if not settings.files.landing.exists():
        yield None
        return
    with LandingZone(settings.files.landing) as zone:
        yield Holdings(study, zone.index, settings.open_clock().now())
