"""Views of what the numbers are worth: what vanished, what is labelled, what the quota bought."""

from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    DATE,
    DOUBLE,
    FINGERPRINT,
    FIRST_DATE,
    IS_CURRENT,
    LAST_DATE,
    SEARCH,
    VARCHAR,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table
from tt_pipeline.warehouse.catalog.ops import REQUESTS

_OF_REQUEST = {column.name: column for column in REQUESTS.columns}

ATTRITION = Table(
    schema="marts",
    name="attrition",
    grain="a search, a version of its query and a month of posting",
    meaning="How many videos later looks no longer found. Random draws are left out.",
    freshness="Gone means deleted, hidden, made private, no longer fitting the query, or left out once.",
    keys=("search", "fingerprint", "month_date"),
    loading=Loading.VIEW,
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("month_date", DATE, "First day of the month in which the videos were posted, UTC"),
        Column("videos", BIGINT, "Different videos that complete looks found"),
        Column("videos_looked_for", BIGINT, "Of these, those whose day was read to the end once more by a later look"),
        Column("videos_gone", BIGINT, "Of these, those that the last complete look did not find"),
    ),
)
LABEL_COVERAGE = Table(
    schema="marts",
    name="label_coverage",
    grain="a search, a version of its query and a UTC day",
    meaning="How many videos have a transcript, labels and tags; empty ones are none."
    " Divide by videos, not by what TikTok has.",
    freshness="As first seen; a label put on later is not known.",
    keys=("search", "fingerprint", "day_date"),
    loading=Loading.VIEW,
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("day_date", DATE, "UTC day on which the videos were posted"),
        IS_CURRENT,
        Column("videos", BIGINT, "Different videos of the day that the search found"),
        Column("videos_with_transcript", BIGINT, "Of these, with voice_to_text"),
        Column("videos_with_label", BIGINT, "Of these, with a notice of TikTok's (video_label)"),
        Column("videos_with_tag", BIGINT, "Of these, with a tag of any kind: AI, or paid content"),
        Column("videos_ai_tagged", BIGINT, "Of these, with a tag of AI, whoever put it on"),
        Column("videos_paid_tagged", BIGINT, "Of these, with another tag: paid content, the one other kind documented"),
        Column("videos_stem", BIGINT, "Of all, verified as science, technology, engineering or mathematics"),
    ),
)
VIDEO_TAGS = Table(
    schema="marts",
    name="video_tags",
    grain="a kind of tag and its number, as the API gives them",
    meaning="AI and paid content, as tagged.",
    freshness="As first seen; a tag put on later is not known.",
    keys=("tag_type", "tag_number"),
    loading=Loading.VIEW,
    columns=(
        Column("tag_type", VARCHAR, "Kind of tag, for example AIGC Type; empty if it says none"),
        Column("tag_number", VARCHAR, "Its number; of AI, documents give 1 and 2 opposite meanings; empty if none"),
        Column("videos", BIGINT, "Different videos that have it"),
        Column("creators", BIGINT, "Different handles among them"),
        FIRST_DATE,
        LAST_DATE,
    ),
)
QUOTA_DAYS = Table(
    schema="marts",
    name="quota_days",
    grain="a UTC day of quota, a bucket of it and a dataset",
    meaning="What the quota was spent on and what it brought.",
    freshness="Follows ops.requests.",
    keys=("quota_date", "bucket", "dataset"),
    loading=Loading.VIEW,
    columns=(
        *(_OF_REQUEST[name] for name in ("quota_date", "bucket", "dataset")),
        Column("requests", BIGINT, "Requests charged, failed ones too"),
        Column("requests_wasted", BIGINT, "Of these, failed or refused ones, which brought nothing"),
        Column("requests_empty", BIGINT, "Of these, answered ones without a record: a page of hidden slots, or an end"),
        Column("records", BIGINT, "Records they brought"),
        Column("hidden", BIGINT, "Slots without a record: deleted, private or withheld"),
        Column("records_per_request", DOUBLE, "Yield; at best 100"),
    ),
)

TABLES = (ATTRITION, LABEL_COVERAGE, VIDEO_TAGS, QUOTA_DAYS)
"""In the order of the data dictionary."""
