"""Columns that several tables share, so that one thing has one explanation."""

from tt_pipeline.warehouse.catalog.model import Column, Privacy, SqlType

BIGINT, VARCHAR, DATE = SqlType.BIGINT, SqlType.VARCHAR, SqlType.DATE
TIMESTAMPTZ, BOOLEAN, DOUBLE = SqlType.TIMESTAMPTZ, SqlType.BOOLEAN, SqlType.DOUBLE
LINKABLE, CONTENT, IDENTIFYING = Privacy.LINKABLE, Privacy.CONTENT, Privacy.IDENTIFYING

NOT_GIVEN = "the API did not give it, which is not the same as empty or zero"

VIDEO_ID = Column(
    "video_id",
    BIGINT,
    "The video; its high 32 bits are the Unix second of the upload; passes 2^53, so never a float",
    source="id",
    privacy=LINKABLE,
)
VIDEO_ID_AS_TEXT = Column(
    "video_id",
    VARCHAR,
    "The video, as text: spreadsheets, R and JavaScript round such numbers",
    source="id",
    privacy=LINKABLE,
)
COMMENT_ID = Column("comment_id", BIGINT, "The comment; built like a video's id", source="id", privacy=LINKABLE)
USERNAME = Column(
    "username",
    VARCHAR,
    "Handle without @; handles change, and the API gives no stable id of an account",
    source="username",
    privacy=IDENTIFYING,
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


def first_seen() -> tuple[Column, Column]:
    """The two columns that say which observation a row comes from."""
    return FIRST_OBSERVED_AT, LOAD_ID
