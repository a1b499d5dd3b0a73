"""The daily partitionings, in UTC: days of videos, for searches, comments and creators; days of observation."""

from datetime import timedelta
from typing import Final

import dagster as dg

from tt_pipeline.studies import Study

UP_TO_30_DAYS: Final = dg.BackfillPolicy.multi_run(max_partitions_per_run=30)
"""A query spans at most 30 days, so a run holds what one query can buy: 365 days are 13 runs instead of 365."""


def days_of_study(study: Study) -> dg.DailyPartitionsDefinition:
    """Every day of the study that has ended; a day outside a search's own range costs nothing."""
    end = (study.last_day + timedelta(days=1)).isoformat() if study.last_day else None
    return dg.DailyPartitionsDefinition(start_date=study.first_day.isoformat(), end_date=end)


def days_of_observation(study: Study) -> dg.DailyPartitionsDefinition:
    """Every day since the study's start, today too, also after its end: accounts are observed as they are now."""
    return dg.DailyPartitionsDefinition(start_date=study.first_day.isoformat(), end_offset=1)
