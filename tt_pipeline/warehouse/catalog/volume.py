"""Views of how many videos were posted each day, with what decides whether days can be compared."""

from dataclasses import replace
from typing import Final

from tt_pipeline.codebook.statuses import SEARCH_STATUSES, listed
from tt_pipeline.warehouse.catalog.common import BIGINT, BOOLEAN, DATE, DOUBLE, FINGERPRINT, SEARCH, VARCHAR, count
from tt_pipeline.warehouse.catalog.found import KIND
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table

_UNANSWERED: Final = "nothing was found, and the day was not collected to its end: nobody knows"
_NO_COUNT: Final = "no view count of the day's videos is known, or nothing was found and nobody knows"
_PAST: Final = "the study no longer has this version"
_DAY: Final = Column("day_date", DATE, "UTC day on which the videos were posted")
_VIEWS: Final = replace(count("view_count", "Sum of the latest views", source="view_count"), missing=_NO_COUNT)
_VIEWS_AT_12_DAYS: Final = replace(
    count("view_count_at_12_days", "Sum of their views 12 to 14 days after posting", source="view_count"),
    missing="no video of the day was seen at that age with a view count, or nothing was found and nobody knows",
)

DAILY_VOLUME = Table(
    schema="marts",
    name="daily_volume",
    grain="a search, a version of its query and a UTC day",
    meaning="How many videos of each day were collected, and whether the day can be compared with others. Do not add up"
    " searches: marts.daily_totals counts each video once.",
    freshness="A day with videos and without a status was collected with a query that the study no longer has.",
    keys=("search", "fingerprint", "day_date"),
    loading=Loading.PUBLISHED,
    recomputed_by=("search", "fingerprint", "day_date"),
    columns=(
        SEARCH,
        FINGERPRINT,
        _DAY,
        Column("videos", BIGINT, "Different videos of the day that the search found, in any look", missing=_UNANSWERED),
        Column("creators", BIGINT, "Different creators among them", missing=_UNANSWERED),
        Column("status", VARCHAR, f"Whether the day is complete: {listed(SEARCH_STATUSES)}", missing=_PAST),
        _VIEWS,
        replace(KIND, missing="an earlier version of the query that was never sent"),
        Column(
            "videos_judged",
            BIGINT,
            "Of the videos, those whose fields show whether they meet the query",
            missing=_UNANSWERED,
        ),
        Column(
            "videos_matching",
            BIGINT,
            "Of the judged videos, those that meet the query",
            missing=f"no video can be judged, or {_UNANSWERED}",
        ),
        Column(
            "counts_age_days",
            DOUBLE,
            "Median of the days from posting to the latest counts of its videos",
            missing="it has no videos",
        ),
        Column(
            "may_grow",
            BOOLEAN,
            "Half of its videos or more were last seen before they were 12 days old, so view_count is smaller than what"
            " it will become",
            missing="it has no videos",
        ),
        Column(
            "videos_at_12_days",
            BIGINT,
            "Videos that were seen 12 to 14 days after posting, with a view count",
            missing=_UNANSWERED,
        ),
        _VIEWS_AT_12_DAYS,
        Column("looks", BIGINT, "Number of complete looks at the day", missing=_PAST),
        Column("looks_planned", BIGINT, "Number of looks that the study plans for each day", missing=_PAST),
        Column(
            "has_last_look",
            BOOLEAN,
            "The last of the planned looks is complete. A day that is collected late has this look alone",
            missing=_PAST,
        ),
        Column(
            "videos_in_last_look",
            BIGINT,
            "Videos of the day in the latest look; compare days by this number, because it does not grow with looks",
            missing=f"nothing was answered yet, the search draws samples, or {_PAST}",
        ),
        Column(
            "is_comparable",
            BOOLEAN,
            "The search lists all its videos, the day is complete, and the last planned look is done",
        ),
    ),
)
DAILY_TOTALS = Table(
    schema="marts",
    name="daily_totals",
    grain="a UTC day of the study",
    meaning="How many different videos all searches found that list their videos. A video that several searches"
    " found counts once; samples and lists of ids are left out.",
    freshness="Follows marts.daily_volume.",
    keys=("day_date",),
    loading=Loading.VIEW,
    columns=(
        _DAY,
        Column("videos", BIGINT, "Different videos of the day", missing=_UNANSWERED),
        Column("creators", BIGINT, "Different creators among them", missing=_UNANSWERED),
        _VIEWS,
        _VIEWS_AT_12_DAYS,
        Column("searches", BIGINT, "Searches that include the day"),
        Column("searches_comparable", BIGINT, "Of these, those whose day is comparable in marts.daily_volume"),
        Column("is_comparable", BOOLEAN, "The day of every search is comparable"),
    ),
)

TABLES = (DAILY_VOLUME, DAILY_TOTALS)
"""In the order of the data dictionary."""
