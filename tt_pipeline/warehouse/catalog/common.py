"""Columns that several tables have, each explained once."""

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
CREATOR_ID = replace(
    USERNAME,
    name="creator_id",
    meaning="The creator: the handle under which it was first seen, the same under all handles that it is known to have"
    " had; it changes if a later rename joins two groups",
)
VIDEO_ID_AS_TEXT = replace(
    VIDEO_ID, type=VARCHAR, meaning="The video, as text: spreadsheets, R and JavaScript round such numbers"
)
CREATED_DATE = column_of(
    VIDEO,
    "create_time",
    name="created_date",
    type=DATE,
    meaning="UTC day of created_at; if created_at is missing, the day of the second that the id contains",
    missing="the id does not contain a time either",
)
FIRST_OBSERVED_AT = Column("first_observed_at", TIMESTAMPTZ, "When the first page with it was fetched, UTC")
OBSERVED_AT = Column("observed_at", TIMESTAMPTZ, "When the page was fetched, UTC")
LOAD_ID = Column("load_id", VARCHAR, "The landed file that contains it: its path under landing/ without suffix")
FIRST_DATE = Column("first_date", DATE, "UTC day of the oldest of them", missing="none of their days is known")
LAST_DATE = Column("last_date", DATE, "UTC day of the newest of them", missing="none of their days is known")
SEARCH = Column("search", VARCHAR, "Name of the search in the study")
FINGERPRINT = Column(
    "fingerprint", VARCHAR, "Identity of the query: sha256 without dates and cursor; an edited query has another"
)
IS_CURRENT = Column("is_current", BOOLEAN, "The study has this version of the query now")


ONLY_MATCHING = "Videos that do not fit the query are left out."
"""Said of each table with `only_matching`."""
ALSO_FOREIGN = "Videos that do not fit the query are in it"
AT_12_DAYS = "12 to 14 UTC days after the day of posting, which is 11 to 15 days after the instant of posting"
"""The age at which views are compared: looks are planned by UTC days."""


def count(name: str, meaning: str, *, source: str = "") -> Column:
    """The column of a count that the API returns."""
    return Column(
        name, BIGINT, meaning, missing=f"{NOT_GIVEN}; negative or unreadable values too", source=source or name
    )


def as_text(column: Column) -> Column:
    """The column of an id as text, as marts have it: spreadsheets, R and JavaScript round such numbers."""
    return replace(column, type=VARCHAR, meaning=f"{column.meaning}, as text")


def first_seen() -> tuple[Column, Column]:
    """The two columns that say from which observation and landed file a row comes."""
    return FIRST_OBSERVED_AT, LOAD_ID
