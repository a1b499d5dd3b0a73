"""The codebook's words as types, for every room and the simulator.

Here belong names that TikTok's codebook defines (operations, condition fields, regions) and the closed sets that
several rooms share (datasets, buckets, reasons). No behaviour, no I/O. The fields of records are rows of
`codebook/fields.py`.

Source: https://developers.tiktok.com/doc/research-api-codebook/ (2026)
"""

from enum import StrEnum
from typing import Final, NewType

VideoId = NewType("VideoId", int)
"""19 digits; the high 32 bits are the Unix second of the upload. Never a float: 2**53 is passed."""

CommentId = NewType("CommentId", int)
"""A snowflake like a video's id."""

Username = NewType("Username", str)
"""A handle without @. Handles change, and the API gives no stable id of an account."""


ONCE: Final = "once"
"""The name under which one-off collections land, and under which the ledger and the tables show them."""


LOCATION: Final = "tt_pipeline.definitions"
"""The name of Dagster's code location, under which Dagster stores the state of schedules and sensors."""


class Operation(StrEnum):
    """How a condition compares; EQ takes one value, IN any number."""

    EQ = "EQ"
    IN = "IN"
    GT = "GT"
    GTE = "GTE"
    LT = "LT"
    LTE = "LTE"


class ConditionField(StrEnum):
    """What a condition of a video query may look at."""

    CREATE_DATE = "create_date"
    USERNAME = "username"
    REGION_CODE = "region_code"
    VIDEO_ID = "video_id"
    HASHTAG_NAME = "hashtag_name"
    KEYWORD = "keyword"
    MUSIC_ID = "music_id"
    EFFECT_ID = "effect_id"
    VIDEO_LENGTH = "video_length"
    VIEW_COUNT = "view_count"
    COMMENT_COUNT = "comment_count"


class VideoLength(StrEnum):
    """The four lengths a query can ask for: under 15 s, to 60 s, to 5 min, longer."""

    SHORT = "SHORT"
    MID = "MID"
    LONG = "LONG"
    EXTRA_LONG = "EXTRA_LONG"


class Bucket(StrEnum):
    """A daily quota of its own: followers and following have one, everything else shares the other."""

    MAIN = "main"
    SOCIAL = "social"


class Dataset(StrEnum):
    """What a landed page holds; also the noun of its shape, table and asset.

    A canary, a query that always finds something, only proves that the server was answering; it has no table. Nor have
    validations: answers to the question which stored ids still exist.
    """

    VIDEOS = "videos"
    COMMENTS = "comments"
    REPLIES = "replies"
    USERS = "users"
    FOLLOWERS = "followers"
    FOLLOWING = "following"
    LIKED = "liked"
    PINNED = "pinned"
    REPOSTED = "reposted"
    PLAYLISTS = "playlists"
    CANARY = "canary"
    VALIDATIONS = "validations"


class AccountList(StrEnum):
    """What an account shows of itself beside its profile: the accounts and videos it is tied to."""

    FOLLOWERS = "followers"
    FOLLOWING = "following"
    LIKED = "liked"
    PINNED = "pinned"
    REPOSTED = "reposted"
    PLAYLISTS = "playlists"


class AlertKind(StrEnum):
    """A trouble of which a person is told."""

    RUN_FAILED = "run_failed"
    PUBLICATION_FAILED = "publication_failed"
    CODE_LOCATION_BROKEN = "code_location_broken"
    STUDY_BROKEN = "study_broken"
    QUOTA_GONE_BY_NOON = "quota_gone_by_noon"
    SILENT_DAY = "silent_day"
    DISK_LOW = "disk_low"
    NO_RUN_FOR_A_DAY = "no_run_for_a_day"
    PRICE_TO_CONFIRM = "price_to_confirm"
    CHECKS_OVERDUE = "checks_overdue"


class ExportFormat(StrEnum):
    """The file format of an export."""

    PARQUET = "parquet"
    CSV = "csv"
    DUCKDB = "duckdb"
    """One file with all tables; so are `SQLITE` and `XLSX`."""
    XLSX = "xlsx"
    """A workbook of Excel."""
    DTA = "dta"
    """Stata."""
    SAV = "sav"
    """SPSS."""
    JSONL = "jsonl"
    """A JSON object for each row."""
    SQLITE = "sqlite"
    GEXF = "gexf"
    """A network, for Gephi; `GRAPHML` is one for other programs."""
    GRAPHML = "graphml"

    @property
    def is_network(self) -> bool:
        """Whether files of this format have networks instead of tables."""
        return self in {ExportFormat.GEXF, ExportFormat.GRAPHML}

    @property
    def is_one_file(self) -> bool:
        """Whether one file has all tables."""
        return self in {ExportFormat.DUCKDB, ExportFormat.SQLITE, ExportFormat.XLSX}


class StopReason(StrEnum):
    """Why no further page follows the one that carries it."""

    COMPLETE = "complete"
    COMMENT_CAP = "comment_cap"
    VIDEO_CAP = "video_cap"
    LIST_CAP = "list_cap"
    CURSOR_MISSING = "cursor_missing"
    CURSOR_STUCK = "cursor_stuck"
    EMPTY_PAGES = "empty_pages"
    TOO_MANY_PAGES = "too_many_pages"
    END_UNSTATED = "end_unstated"
    LIST_MISSING = "list_missing"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    SPLIT = "split"


class Refusal(StrEnum):
    """Why the API gives nothing of an account or video: a result to remember, not a failure."""

    NOT_FOUND = "not_found"
    PRIVATE = "private"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class ProfileProof(StrEnum):
    """What proves that the account of a stored profile still exists."""

    VIDEOS = "videos"
    """Any video of the account that exists, or its profile."""
    STRICT = "strict"
    """Its profile alone."""


class SearchStatus(StrEnum):
    """What has landed of one search on one day; exactly one of these is true."""

    COMPLETE = "complete"
    EARLY = "early"
    OUTDATED = "outdated"
    PARTIAL = "partial"
    CAPPED = "capped"
    SUSPICIOUS = "suspicious"
    PAUSED = "paused"
    UNAVAILABLE = "unavailable"
    NOT_DUE = "not_due"
    NEVER_ASKED = "never_asked"
    OUTSIDE = "outside"


class CommentStatus(StrEnum):
    """What has landed of one video's comments; exactly one of these is true."""

    NO_COMMENTS = "no_comments"
    NONE_RETURNED = "none_returned"
    COMPLETE = "complete"
    CAPPED_AT_1000 = "capped_at_1000"
    CAPPED = "capped"
    BELOW_MINIMUM = "below_minimum"
    NOT_SAMPLED = "not_sampled"
    CLOSED = "closed"
    REFUSED = "refused"
    FAILED = "failed"
    PAUSED = "paused"
    NOT_DUE = "not_due"
    NOT_WANTED = "not_wanted"
    NEVER_ASKED = "never_asked"


class AccountStatus(StrEnum):
    """What has landed of one account's profile, or of one of its lists; exactly one of these is true."""

    COMPLETE = "complete"
    CAPPED = "capped"
    NOT_FOUND = "not_found"
    PRIVATE = "private"
    REFUSED = "refused"
    FAILED = "failed"
    PAUSED = "paused"
    NONE_KNOWN = "none_known"
    NEVER_ASKED = "never_asked"


REGION_CODES: Final = frozenset(
    (
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW "
        "BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK "
        "FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS "
        "IT JE JM JO JP KE KG KH KI KM KN KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML "
        "MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
        "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
        "TG TH TJ TK TL TM TN TO TP TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW "
    ).split()
)
"""The 245 codes a query may name: ISO 3166 with XK and TP, without CC CX GS HM KP SJ. CA is legal and always empty."""
