"""What was asked, as values: complete and valid, or never built.

How a study is written is `forms.py`, how it is read `reading.py`.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tt_pipeline.query import Query
from tt_pipeline.vocabulary import AccountList, Username


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Videos drawn at random instead of listed.

    Attributes:
        random: Videos that one draw asks for; a draw is one request.
        draws: Times that each day is drawn at a look.
    """

    random: int
    draws: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyQuery:
    """One query that is sent over a span of days; days are UTC and both ends inclusive.

    Attributes:
        name: The name of its search, a label.
        last_day: None while the search goes on.
        fingerprint: The identity of the query. Of a sample it is that of
            `query.fingerprint(is_random=True, max_count=sample.random)`: more draws send the same query. Neither days
            nor `max_videos_per_day` change it.
        sample: None when the days are listed.
        max_videos_per_day: Slots after which a day is left; None when it is listed to its end.
        is_id_list: The query lists video ids: one request brings them all, whichever day is collected.
    """

    name: str
    query: Query
    first_day: date
    last_day: date | None
    fingerprint: str
    sample: Sample | None = None
    max_videos_per_day: int | None = None
    is_id_list: bool = False

    @property
    def draws(self) -> int:
        """Requests that make one look at a day or window: several where it is drawn at random."""
        return self.sample.draws if self.sample else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(StudyQuery):
    """What the study searches under a name. Most searches are sent as they are; a long list of ids is split.

    Attributes:
        parts: The queries that are sent instead of one with too many ids, each of at most 100 ids and 30 days, with a
            fingerprint of its own; empty where the search is sent as it is.
    """

    parts: tuple[StudyQuery, ...] = ()

    @property
    def queries(self) -> tuple[StudyQuery, ...]:
        """The queries that are sent."""
        return self.parts or (self,)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentSample:
    """Videos drawn at random for their comments, from each stratum: search, day and size class of comment_count."""

    per_stratum: int
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRules:
    """Whose comments are bought, and when.

    Attributes:
        after_days: Age of the video at which its comments are bought, once.
        min_comments: Videos with fewer cost nothing.
        max_per_video: Comments; the API gives no more than 1,000.
        replies: Replies that the listing did not bring are asked for by their comment.
        sample: None when every video has its turn.
    """

    wanted: bool
    after_days: int = 12
    min_comments: int = 1
    max_per_video: int = 1000
    replies: bool = False
    sample: CommentSample | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRules:
    """Whose profiles are bought, and after how many days again.

    Attributes:
        mentioned: Accounts that found videos mention count like creators.
        refused_days: Days after which an account is asked for again that was not found, private or refused.
    """

    wanted: bool
    refresh_days: int = 30
    mentioned: bool = False
    refused_days: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class TopCreators:
    """The accounts whose videos a search found most often; `most` of them."""

    search: str
    most: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRules:
    """Which accounts are observed, by which of their lists.

    Attributes:
        usernames: Those named; with `top_creators` at least one of the two says something.
        every_days: A list is observed again after so many days.
        max_per_list: Records after which a list is left.
    """

    usernames: tuple[Username, ...]
    top_creators: TopCreators | None
    lists: tuple[AccountList, ...]
    every_days: int = 7
    max_per_list: int = 5000


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
        accounts: None when no account is observed.
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
    accounts: AccountRules | None = None
    notices: tuple[str, ...] = ()

    @property
    def queries(self) -> tuple[StudyQuery, ...]:
        """The queries that are sent, of all searches in their order."""
        return tuple(query for search in self.searches for query in search.queries)

    @property
    def fingerprints(self) -> frozenset[str]:
        """The identities of all queries."""
        return frozenset(query.fingerprint for query in self.queries)
