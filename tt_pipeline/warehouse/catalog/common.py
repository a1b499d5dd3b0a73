"""Columns that several tables share, so that one thing has one explanation."""

from dataclasses import replace

from tt_pipeline.codebook.fields import COMMENT, NOT_GIVEN, PROFILE, VIDEO, Privacy
from tt_pipeline.warehouse.catalog.field_columns import column_of
from tt_pipeline.warehouse.catalog.model import Column, SqlType

BIGINT, VARCHAR, DATE = SqlType.BIGINT, SqlType.VARCHAR, SqlType.DATE
TIMESTAMPTZ, BOOLEAN, DOUBLE = SqlType.TIMESTAMPTZ, SqlType.BOOLEAN, SqlType.DOUBLE
LINKABLE, CONTENT, IDENTIFYING = Privacy.LINKABLE, Privacy.CONTENT, Privacy.IDENTIFYING

VIDEO_ID = column_of(VIDEO, "id")
COMMENT_ID = column_of(COMMENT, "id")
USERNAME = column_of(PROFILE, "username")
VIDEO_ID_AS_TEXT = replace(
    VIDEO_ID, type=VARCHAR, meaning="The video, as text: spreadsheets, R and JavaScript round such numbers"
)
CREATED_DATE = column_of(
    VIDEO,
    "create_time",
    name="created_date",
    type=DATE,
    meaning="UTC day of created_at; of the id's second where created_at is missing",
    missing="the id tells no time either",
)
FIRST_OBSERVED_AT = Column("first_observed_at", TIMESTAMPTZ, "When the page that first showed it was fetched, UTC")
OBSERVED_AT = Column("observed_at", TIMESTAMPTZ, "When the page was fetched, UTC")
LOAD_ID = Column("load_id", VARCHAR, "The landed file it came from: its path under landing/ without suffix")
FIRST_DATE = Column("first_date", DATE, "UTC day of the oldest of them", missing="the day of none is known")
LAST_DATE = Column("last_date", DATE, "UTC day of the newest of them", missing="the day of none is known")
SEARCH = Column("search", VARCHAR, "Name of the search in the study: a label")
FINGERPRINT = Column(
    "fingerprint", VARCHAR, "Identity of the query: sha256 without dates and cursor; an edited query has another"
)
IS_CURRENT = Column("is_current", BOOLEAN, "The study asks this version now")


def count(name: str, meaning: str, *, source: str = "") -> Column:
    """A counter as the API gave it."""
    return Column(
        name, BIGINT, meaning, missing=f"{NOT_GIVEN}; negative or unreadable values too", source=source or name
    )


def as_text(column: Column) -> Column:
    """The column of an id as marts show it: spreadsheets, R and JavaScript round such numbers."""
    return replace(column, type=VARCHAR, meaning=f"{column.meaning}, as text")


def first_seen() -> tuple[Column, Column]:
    """The two columns that say which observation a row comes from."""
    return FIRST_OBSERVED_AT, LOAD_ID
