"""The price of checking what is stored, which the terms oblige to as long as it is stored (`tt refresh`)."""

from collections.abc import Sequence
from typing import Final

from tt_pipeline.codebook.limits import MOST_IDS_PER_TASK
from tt_pipeline.planning.estimate import CostLine, CostPart, Estimate, total
from tt_pipeline.quota import days_of_quota
from tt_pipeline.studies import CHECKS_PART_OF_QUOTA, Study
from tt_pipeline.vocabulary import Bucket, Dataset

_REQUESTS_A_TASK: Final = Estimate(3, 3, 4)
"""To create it, to ask for its progress, to download the answer; a slow task takes a few more."""
_COMMENTS_A_REQUEST: Final = Estimate(20, 40, 90)
"""Many pages of comments are not full."""
_BETWEEN: Final = Estimate(0.4, 0.65, 0.9)
"""Parts of refresh_days between two checks of an item: a task that is not full takes younger items with it."""


def check_line(
    study: Study, stored: tuple[int, int, int], new_videos: Estimate, others: Sequence[CostLine], *, days_ahead: int
) -> CostLine:
    """The price of checking what is stored and what the other parts of a plan will store.

    Args:
        study: How often everything is checked.
        stored: Videos, comments and profiles that are stored now.
        new_videos: Videos that will be found.
        others: The other parts.
        days_ahead: Planned days that are still to come; collecting can take longer than that.
    """
    of_comments = total(line.total for line in others if line.dataset in {Dataset.COMMENTS, Dataset.REPLIES})
    to_come = (new_videos, of_comments * _COMMENTS_A_REQUEST)
    *in_tasks, profiles = stored
    a_day = total(_requests_a_day(_items(now, more), study) for now, more in zip(in_tasks, to_come, strict=True))
    if study.users.is_strict:
        new_profiles = total(line.total for line in others if line.dataset is Dataset.USERS)
        a_day += _of_profiles(_items(profiles, new_profiles), study)
    needed = sum(line.total.likely for line in others if line.bucket is Bucket.MAIN)
    days = max(days_ahead, days_of_quota(needed, per_day=study.quota.requests_per_day))
    after_first = max(0.0, days - study.compliance.refresh_days * _BETWEEN.high)
    at_most = days if any(stored) else max(0.0, days - study.compliance.due_after_days)
    whole = Estimate(a_day.low * after_first, a_day.likely * after_first, a_day.high * at_most)
    return CostLine(part=CostPart.CHECKS, dataset=Dataset.VALIDATIONS, per_day=a_day, total=whole)


def _items(now: int, more: Estimate) -> Estimate:
    """Items of a kind that are stored on a day of the plan: they become more meanwhile."""
    return Estimate(now + more.low / 2, now + more.likely / 2, now + more.high)


def _of_profiles(profiles: Estimate, study: Study) -> Estimate:
    """Requests a day for so many profiles, one each, from three quarters of refresh_days on."""
    days = study.compliance
    requests = Estimate(
        profiles.low / days.refresh_days, profiles.likely / days.due_after_days, profiles.high / days.due_after_days
    )
    return requests.at_most(study.quota.requests_per_day / CHECKS_PART_OF_QUOTA)


def _requests_a_day(items: Estimate, study: Study) -> Estimate:
    """Requests a day for so many items of one kind."""
    tasks = items.times(1 / MOST_IDS_PER_TASK).map(lambda number: max(1.0, number) if number else 0.0)
    days = _BETWEEN.times(study.compliance.refresh_days)
    requests = Estimate(
        tasks.low * _REQUESTS_A_TASK.low / days.high,
        tasks.likely * _REQUESTS_A_TASK.likely / days.likely,
        tasks.high * _REQUESTS_A_TASK.high / days.low,
    )
    return requests.at_most(study.quota.requests_per_day / CHECKS_PART_OF_QUOTA)
