"""Views about the quality of the data: vanished videos, labels and tags, and the use of the quota."""

from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    DATE,
    DOUBLE,
    FINGERPRINT,
    FIRST_DATE,
    IS_CURRENT,
    LAST_DATE,
    ONLY_MATCHING,
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
    meaning="How many videos later looks did not find again: marts.video_survival by month. Compare months by"
    f" gone_per_100_days, because older months have been looked at for longer. {ONLY_MATCHING}",
    freshness="A gone video is deleted, hidden or private, no longer matches the query, or was left out once.",
    keys=("search", "fingerprint", "month_date"),
    loading=Loading.VIEW,
    only_matching=True,
    columns=(
        SEARCH,
        FINGERPRINT,
        IS_CURRENT,
        Column("month_date", DATE, "First day of the month in which the videos were posted, UTC"),
        Column("videos", BIGINT, "Different videos that complete looks found"),
        Column("videos_looked_for", BIGINT, "Of these, those whose day has a later complete look"),
        Column("videos_gone", BIGINT, "Of these, those that the last complete look did not find"),
        Column(
            "share_gone",
            DOUBLE,
            "Of the videos that were looked for, the share that is gone, 0 to 1",
            missing="no day has a later complete look, so nothing can be said",
        ),
        Column("exposure_days", DOUBLE, "Sum of the days during which looks could notice that a video is gone"),
        Column(
            "gone_per_100_days",
            DOUBLE,
            "Gone videos in 100 such days",
            missing="no day has a later complete look, so nothing can be said",
        ),
    ),
)
LABEL_COVERAGE = Table(
    schema="marts",
    name="label_coverage",
    grain="a search, a version of its query and a UTC day",
    meaning="How many of the found videos have a transcript, labels and tags; empty ones do not count."
    f" {ONLY_MATCHING}",
    freshness="As first seen; a label that was added later is not known.",
    keys=("search", "fingerprint", "day_date"),
    loading=Loading.VIEW,
    only_matching=True,
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("day_date", DATE, "UTC day on which the videos were posted"),
        IS_CURRENT,
        Column("videos", BIGINT, "Different videos of the day that the search found"),
        Column("videos_with_transcript", BIGINT, "Of these, with voice_to_text"),
        Column("videos_with_label", BIGINT, "Of these, with a notice by TikTok (video_label)"),
        Column("videos_with_tag", BIGINT, "Of these, with a tag of any kind"),
        Column("videos_ai_tagged", BIGINT, "Of these, tagged as made with AI, by the creator or by TikTok"),
        Column(
            "videos_paid_tagged", BIGINT, "Of these, with another tag; the only other documented kind is paid content"
        ),
        Column("videos_stem", BIGINT, "Of all videos, verified as science, technology, engineering or mathematics"),
    ),
)
VIDEO_TAGS = Table(
    schema="marts",
    name="video_tags",
    grain="a kind of tag and its number, as the API returns them",
    meaning="How many collected videos have each tag: made with AI, or paid content. Videos that fit no query, and"
    " videos of lists of accounts, are in it.",
    freshness="As first seen; a tag that was added later is not known.",
    keys=("tag_type", "tag_number"),
    loading=Loading.VIEW,
    columns=(
        Column("tag_type", VARCHAR, "Kind of tag, for example AIGC Type; empty if it has none"),
        Column(
            "tag_number",
            VARCHAR,
            "Its number, empty if it has none; for AI, TikTok's documents give 1 and 2 opposite meanings",
        ),
        Column("videos", BIGINT, "Different videos that have it"),
        Column("creators", BIGINT, "Different creators among them"),
        FIRST_DATE,
        LAST_DATE,
    ),
)
QUOTA_DAYS = Table(
    schema="marts",
    name="quota_days",
    grain="a UTC day, a bucket of its quota and a dataset",
    meaning="How many requests were used for each dataset, and how many records they returned.",
    freshness="Follows ops.requests.",
    keys=("quota_date", "bucket", "dataset"),
    loading=Loading.VIEW,
    columns=(
        *(_OF_REQUEST[name] for name in ("quota_date", "bucket", "dataset")),
        Column("requests", BIGINT, "Charged requests, including failed ones"),
        Column(
            "requests_wasted",
            BIGINT,
            "Of these, failed or refused ones, which returned nothing; none that was counted again",
        ),
        Column(
            "requests_empty",
            BIGINT,
            "Of these, successful ones without a record: all slots were hidden, or the result was empty",
        ),
        Column("records", BIGINT, "Records that they returned"),
        Column("hidden", BIGINT, "Slots without a record: deleted, private or withheld"),
        Column(
            "records_per_request",
            DOUBLE,
            "Records divided by requests, without requests that were counted again; at most 100",
            missing="all requests were counted again",
        ),
    ),
)

TABLES = (ATTRITION, LABEL_COVERAGE, VIDEO_TAGS, QUOTA_DAYS)
"""In the order of the data dictionary."""
