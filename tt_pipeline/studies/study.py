"""What was asked, as values: complete and valid, or never built.

How a study is written is `forms.py`, how it is read `reading.py`.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tt_pipeline.query import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One query over a span of days, under a name; days are UTC and both ends inclusive.

    Attributes:
        last_day: None while the search goes on.
        fingerprint: The identity of what is asked; the name is a label.
    """

    name: str
    query: Query
    first_day: date
    last_day: date | None
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRules:
    """Whose comments are bought, and when.

    Attributes:
        after_days: Age of the video at which its comments are bought, once.
        min_comments: Videos with fewer cost nothing.
        max_per_video: Comments; the API gives no more than 1,000.
    """

    wanted: bool
    after_days: int = 12
    min_comments: int = 1
    max_per_video: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRules:
    """Whether the creators' profiles are bought, and after how many days again."""

    wanted: bool
    refresh_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRules:
    """What the study may spend.

    Attributes:
        confirmed: Someone has read the price; before, nothing is sent to a real server.
        reserve_for_daily: Requests that backfills leave to the day's own list.
    """

    requests_per_day: int = 1000
    confirmed: bool = False
    reserve_for_daily: int = 0
    requests_per_second: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """All that a study file says.

    Attributes:
        last_day: None while the study goes on.
        looks: Ages in days at which a day's videos are looked at, ascending.
        notices: What was understood otherwise than written, or is legal and hardly meant; one sentence each.
    """

    title: str
    file: Path
    first_day: date
    last_day: date | None
    searches: tuple[Search, ...]
    looks: tuple[int, ...] = (3, 12)
    comments: CommentRules = CommentRules(wanted=True)
    users: UserRules = UserRules(wanted=True)
    quota: QuotaRules = QuotaRules()
    notices: tuple[str, ...] = ()
