"""Views of how many videos were posted each day, with what decides whether days can be compared."""

from dataclasses import replace
from typing import Final

from tt_pipeline.codebook.statuses import SEARCH_STATUSES, listed
from tt_pipeline.warehouse.catalog.common import (
    AT_12_DAYS,
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FINGERPRINT,
    SEARCH,
    VARCHAR,
    count,
)
from tt_pipeline.warehouse.catalog.found import KIND
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table

_UNANSWERED: Final = "nothing was found, and the day was not collected to its end: nobody knows"
_NO_COUNT: Final = "no view count of the day's videos is known, or nothing was found and nobody knows"
_PAST: Final = "the study no longer has this version"
_DAY: Final = Column("day_date", DATE, "UTC day on which the videos were posted")
_FITTING: Final = "without videos that do not fit the query"
_CREATORS: Final = Column("creators", BIGINT, f"Different creators, {_FITTING}", missing=_UNANSWERED)
_VIEWS: Final = replace(
    count("view_count", f"Sum of the latest views, {_FITTING}", source="view_count"), missing=_NO_COUNT
)
_VIEWS_AT_12_DAYS: Final = replace(
    count("view_count_at_12_days", f"Sum of the views {AT_12_DAYS}, {_FITTING}", source="view_count"),
    missing="no video of the day was seen at that age with a view count, for example because its second look was later;"
    " or nothing was found and nobody knows",
)

DAILY_VOLUME = Table(
    schema="marts",
    name="daily_volume",
    grain="a search, a version of its query and a UTC day",
    meaning="How many videos of each day were collected, and whether the day can be compared with others. Do not add up"
    " searches: marts.daily_totals counts each video once. videos and videos_in_last_look count videos that do not fit"
    " the query, too; creators and views leave them out.",
    freshness="A day with videos and without a status was collected with a query that the study no longer has.",
    keys=("search", "fingerprint", "day_date"),
    loading=Loading.PUBLISHED,
    recomputed_by=("search", "fingerprint", "day_date"),
    columns=(
        SEARCH,
        FINGERPRINT,
        _DAY,
        Column("videos", BIGINT, "Different videos of the day that the search found, in any look", missing=_UNANSWERED),
        _CREATORS,
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
            f"Median of the days from the instant of posting to the latest observation of its videos, {_FITTING}",
            missing="it has no such videos",
        ),
        Column(
            "may_grow",
            BOOLEAN,
            "Half of its videos or more were last seen less than 12 UTC days after the day of posting, so view_count is"
            " smaller than what it will become",
            missing="it has no such videos",
        ),
        Column(
            "videos_at_12_days",
            BIGINT,
            f"Videos that were seen with a view count {AT_12_DAYS}, {_FITTING}",
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
            "Videos of the day in the latest look; this number does not grow with looks",
            missing=f"nothing was answered yet, the search draws samples, or {_PAST}",
        ),
        Column(
            "videos_fitting_in_last_look",
            BIGINT,
            "Videos in the latest look, without those that do not fit the query: compare days by this number",
            missing=f"nothing was answered yet, the search draws samples or is a list of ids, or {_PAST}",
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
    " found counts once; samples and lists of ids are left out. videos counts videos that do not fit the query, too;"
    " creators and views leave them out.",
    freshness="Follows marts.daily_volume.",
    keys=("day_date",),
    loading=Loading.VIEW,
    columns=(
        _DAY,
        Column("videos", BIGINT, "Different videos of the day", missing=_UNANSWERED),
        Column(
            "videos_matching",
            BIGINT,
            "Of these, those that meet the query of a search",
            missing=f"no video can be judged, or {_UNANSWERED}",
        ),
        _CREATORS,
        _VIEWS,
        _VIEWS_AT_12_DAYS,
        Column("searches", BIGINT, "Searches that include the day"),
        Column("searches_comparable", BIGINT, "Of these, those whose day is comparable in marts.daily_volume"),
        Column("is_comparable", BOOLEAN, "The day of every search is comparable"),
    ),
)

TABLES = (DAILY_VOLUME, DAILY_TOTALS)
"""In the order of the data dictionary."""
