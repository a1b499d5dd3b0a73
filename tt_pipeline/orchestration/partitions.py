"""The two daily partitions in UTC: days of videos, and days of observation for lists."""

from datetime import timedelta
from typing import Final

import dagster as dg

from tt_pipeline.codebook.limits import WINDOW_DAYS
from tt_pipeline.studies import Study

UP_TO_A_WINDOW: Final = dg.BackfillPolicy.multi_run(max_partitions_per_run=WINDOW_DAYS)
"""A query spans at most 30 days, so a run has at most 30 partitions: 365 days are 13 runs instead of 365."""


def days_of_study(study: Study) -> dg.DailyPartitionsDefinition:
    """Every past day of the study; a day outside a search's own range costs nothing."""
    end = (study.last_day + timedelta(days=1)).isoformat() if study.last_day else None
    return dg.DailyPartitionsDefinition(start_date=study.first_day.isoformat(), end_date=end)


def days_of_observation(study: Study) -> dg.DailyPartitionsDefinition:
    """Every day from the study's start to today, even after its end, because accounts are observed as they are now."""
    return dg.DailyPartitionsDefinition(start_date=study.first_day.isoformat(), end_offset=1)
