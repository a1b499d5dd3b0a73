"""The plan as a value: what `tt plan` shows, and the JSON that it prints.

The names of fields are keys of that JSON; renaming one breaks scripts that read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.planning.cheaper_settings import CheaperSetting, cheaper_settings
from tt_pipeline.planning.costs import Costs
from tt_pipeline.planning.estimate import CostLine, Estimate, total
from tt_pipeline.planning.evidence import Evidence
from tt_pipeline.planning.searches import DAYS_A_MONTH
from tt_pipeline.planning.stated_assumptions import stated_assumptions
from tt_pipeline.planning.yield_curve import YieldPoint, yield_curve
from tt_pipeline.quota import days_of_quota
from tt_pipeline.studies import Search, Study
from tt_pipeline.vocabulary import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchForecast:
    """How many videos a search is expected to find.

    Attributes:
        days_landed: Number of collected days behind the estimate; 0 for an assumption or an override.
        earlier_days: Number of days that an earlier query of the edited search collected, if the estimate is from it.
        is_given: The number comes from `--videos-per-day`.
        days_to_come: Days without a complete look.
    """

    search: str
    videos_per_day: Estimate
    days_landed: int
    earlier_days: int
    is_given: bool
    days_to_come: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialCosts:
    """The requests for followers and following, which have a separate quota.

    Attributes:
        requests_per_day: The size of that quota.
        per_day: Requests a day while accounts are observed.
        total: Requests from now on, until the last planned day.
    """

    requests_per_day: int
    per_day: Estimate
    total: Estimate

    @property
    def days(self) -> Estimate:
        """Days of that quota from now on."""
        return self.total.map(lambda requests: days_of_quota(requests, per_day=self.requests_per_day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a study costs from now on.

    Attributes:
        last_day: The last planned day: the study's; without an end the later of yesterday and its 30th day.
        goes_on: Whether the study has days in the future, so that it needs requests every day.
        videos_landed: Number of found videos behind the estimates of comments and creators; 0 for assumptions.
        per_day: Requests of the main quota on a usual day, without overdue work.
        total: Requests of the main quota from now on.
        social: Requests for followers and following; None if the study observes neither.
        settings: The study as it is, then settings that cost less.
        curve: The share of the reachable comments by the number of days of quota.
        assumptions: The assumptions behind the numbers, one sentence each.
    """

    title: str
    made_at: datetime
    first_day: date
    last_day: date
    goes_on: bool
    requests_per_day: int
    searches: tuple[SearchForecast, ...]
    videos_landed: int
    lines: tuple[CostLine, ...]
    per_day: Estimate
    total: Estimate
    social: SocialCosts | None
    settings: tuple[CheaperSetting, ...]
    curve: tuple[YieldPoint, ...]
    assumptions: tuple[str, ...]

    @property
    def days(self) -> Estimate:
        """Days of quota from now on."""
        return self.total.map(lambda requests: days_of_quota(requests, per_day=self.requests_per_day))

    @property
    def is_calibrated(self) -> bool:
        """Whether every search has landed something."""
        return all(search.days_landed for search in self.searches)


def plan(study: Study, evidence: Evidence, now: datetime, *, further_days: Sequence[int] = ()) -> Plan:
    """Plan a study from its evidence; nothing is sent.

    Args:
        study: The study that is planned.
        evidence: The numbers from which the plan is computed.
        now: The instant of the plan.
        further_days: Also show the share of the comments after this number of days of quota.
    """
    costs = Costs.of(study, evidence, now)
    as_is, *others = cheaper_settings(costs)
    return Plan(
        title=study.title,
        made_at=now,
        first_day=costs.planned.first_day,
        last_day=costs.planned.last_day,
        goes_on=study.last_day is None or study.last_day >= now.astimezone(UTC).date(),
        requests_per_day=study.quota.requests_per_day,
        searches=tuple(_forecast(costs, search) for search in study.searches),
        videos_landed=evidence.counts.videos,
        lines=costs.lines,
        per_day=as_is.per_day,
        total=as_is.total,
        social=_social_costs(costs),
        settings=(as_is, *others),
        curve=yield_curve(costs, further_days=further_days),
        assumptions=tuple(stated_assumptions(costs)),
    )


def _social_costs(costs: Costs) -> SocialCosts | None:
    lines = [line for line in costs.lines if line.bucket is Bucket.SOCIAL]
    if not lines:
        return None
    return SocialCosts(
        requests_per_day=DAILY_REQUESTS[Bucket.SOCIAL],
        per_day=total(line.per_day for line in lines),
        total=total(line.total for line in lines).rounded(),
    )


def _forecast(costs: Costs, search: Search) -> SearchForecast:
    rates = [costs.evidence.rates[query.fingerprint] for query in search.queries]
    looks = [costs.searches.remaining[query.fingerprint] for query in search.queries]
    found = total(
        rate.over(len(remaining.unseen) or DAYS_A_MONTH).times(len(remaining.days))
        for rate, remaining in zip(rates, looks, strict=True)
    )
    days = {day for remaining in looks for day in remaining.days}
    return SearchForecast(
        search=search.name,
        videos_per_day=found.times(1 / max(1, len(days))),
        days_landed=sum(rate.days for rate in rates),
        earlier_days=sum(rate.earlier_days for rate in rates),
        is_given=all(rate.is_override for rate in rates),
        days_to_come=len({day for remaining in looks for day in remaining.unseen}),
    )
