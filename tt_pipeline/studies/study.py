"""The study as immutable values, which are always complete and valid.

`forms.py` defines the file format, `reading.py` reads the file. Each default is written here alone: the forms read it
from these classes, which therefore have no slots.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from tt_pipeline.codebook.datasets import OF_FOUND_VIDEOS
from tt_pipeline.codebook.limits import MOST_COMMENTS, MOST_FOLLOWERS, USUAL_REQUESTS_PER_SECOND
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.query import Query
from tt_pipeline.vocabulary import AccountList, AlertKind, Bucket, ProfileProof, Username


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Videos drawn at random instead of listed.

    Attributes:
        random: Videos of one draw; a draw is one request.
        draws: Draws of each day at a look.
    """

    random: int
    draws: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyQuery:
    """One query over a span of UTC days, both ends inclusive.

    Attributes:
        name: The name of its search; it is only a label.
        last_day: None for a search without an end.
        fingerprint: The identity of the query. Of a sample it is that of
            `query.fingerprint(is_random=True, max_count=sample.random)`: more draws send the same query. Neither days
            nor `max_videos_per_day` change it.
        sample: None when the days are listed.
        max_videos_per_day: Slots after which a day's listing stops; None without a limit.
        is_id_list: The query is a list of video ids: one request returns them all, whichever day is collected.
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
        """Requests of one look at a day or window: one, or the number of random draws."""
        return self.sample.draws if self.sample else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(StudyQuery):
    """A named search of the study. Most searches are sent as one query; a long list of ids is split.

    Attributes:
        parts: The queries that are sent instead of one with too many ids, each of at most 100 ids and 30 days, with a
            fingerprint of its own; empty when the search is sent as one query.
    """

    parts: tuple[StudyQuery, ...] = ()

    @property
    def queries(self) -> tuple[StudyQuery, ...]:
        """The queries that are sent for this search."""
        return self.parts or (self,)


@dataclass(frozen=True, kw_only=True)
class CommentSample:
    """A random sample of videos whose comments are collected, from each search, day and size class of comment_count."""

    per_stratum: int
    seed: int = 1


@dataclass(frozen=True, kw_only=True)
class CommentRules:
    """Which videos' comments are collected, and when.

    Attributes:
        after_days: Age in days at which a video's comments are collected, once.
        min_comments: Videos with fewer comments are skipped.
        max_per_video: Largest number of comments; the API returns at most 1,000.
        replies: Whether replies that the listing did not return are requested by comment.
        sample: None when the comments of all videos are collected.
    """

    wanted: bool
    after_days: int = 12
    min_comments: int = 1
    max_per_video: int = MOST_COMMENTS
    replies: bool = False
    sample: CommentSample | None = None


@dataclass(frozen=True, kw_only=True)
class UserRules:
    """Which profiles are collected, and after how many days again.

    Attributes:
        mentioned: Whether profiles of accounts that found videos mention are collected too.
        refused_days: Days after which an account that was not found, private or refused is requested again.
        verify: What proves that an account still exists; see `ProfileProof`.
        keep_profile_days: Days without such a proof after which names, texts and picture of a profile are dropped and
            only its counts stay; None for the longer of `every_days` and the study's refresh_days.
    """

    wanted: bool
    every_days: int = 30
    mentioned: bool = False
    refused_days: int = 90
    verify: ProfileProof = ProfileProof.VIDEOS
    keep_profile_days: int | None = None

    @property
    def is_strict(self) -> bool:
        """Whether a refresh requests the profiles themselves."""
        return self.wanted and self.verify is ProfileProof.STRICT


@dataclass(frozen=True, kw_only=True)
class TopCreators:
    """The `most` accounts whose videos a search found most often."""

    search: str
    most: int = 100


@dataclass(frozen=True, kw_only=True)
class AccountRules:
    """Which accounts are observed, and which of their lists.

    Attributes:
        usernames: May be empty when `top_creators` is set.
        every_days: Days after which a list is observed again.
        max_per_list: Records after which a listing stops.
    """

    usernames: tuple[Username, ...]
    top_creators: TopCreators | None
    lists: tuple[AccountList, ...]
    every_days: int = 7
    max_per_list: int = MOST_FOLLOWERS


@dataclass(frozen=True, kw_only=True)
class QuotaRules:
    """How much quota the study may use.

    Attributes:
        confirmed: Someone has read the costs; otherwise nothing is sent to a real server.
        confirm_above: Requests for days that are collected already: more of them need a confirmation.
        reserve_for_daily: Requests that backfills leave for the daily run.
    """

    requests_per_day: int = DAILY_REQUESTS[Bucket.MAIN]
    confirmed: bool = False
    confirm_above: int = 50
    reserve_for_daily: int = 0
    requests_per_second: float = USUAL_REQUESTS_PER_SECOND


_DUE_FROM: Final = 0.75
"""Of refresh_days."""
CHECKS_PART_OF_QUOTA: Final = 10
"""A day's checks of each kind take at most this part of the quota: after an update everything may be due at once."""


@dataclass(frozen=True, kw_only=True)
class ComplianceRules:
    """How often everything that is stored is checked, and what happens to what is gone.

    Attributes:
        refresh_days: Days until everything stored has to be checked again; it is due from three quarters of that.
        confirm_after_days: Days after which a second answer may confirm that something is gone.
        max_gone_share: A larger share that is gone at once is doubted: a person or other answers have to confirm it.
        hide_after_days: Days without a check after which something is hidden.
        copies: Folders with copies that tt_pipeline cannot know, which every deletion names.
    """

    refresh_days: int = 15
    confirm_after_days: int = 1
    max_gone_share: float = 0.05
    hide_after_days: int = 30
    copies: tuple[Path, ...] = ()

    @property
    def due_after_days(self) -> float:
        """Days after which an item may be checked again."""
        return self.refresh_days * _DUE_FROM


@dataclass(frozen=True, kw_only=True)
class AlertRules:
    """The troubles of which somebody is told; where to is a setting, because addresses are secrets."""

    on: tuple[AlertKind, ...] = tuple(AlertKind)


@dataclass(frozen=True, kw_only=True)
class PrivacyRules:
    """Which personal data is never requested.

    Attributes:
        profiles: Whether profiles are requested; without them no request about a profile is sent.
        avatars: Whether profiles are requested with the link to their picture.
        mentions: Whether videos are requested with the list of the accounts that they mention.
        omit_fields: Further fields that no request lists.
    """

    profiles: bool = True
    avatars: bool = True
    mentions: bool = True
    omit_fields: tuple[str, ...] = ()

    @property
    def omitted(self) -> frozenset[str]:
        """Every field that no request lists."""
        of_avatars = () if self.avatars else ("avatar_url",)
        of_mentions = () if self.mentions else ("video_mention_list",)
        return frozenset((*self.omit_fields, *of_avatars, *of_mentions))


@dataclass(frozen=True, kw_only=True)
class Study:
    """Everything that a study file defines.

    Attributes:
        last_day: None for a study without an end.
        accounts: None when no account is observed.
        looks: Ages in days at which a day's videos are collected, ascending.
        notices: Values that are read differently than written, and probable mistakes; one sentence each.
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
    alerts: AlertRules = AlertRules()
    compliance: ComplianceRules = ComplianceRules()
    privacy: PrivacyRules = PrivacyRules()
    notices: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Distinguishes the versions of a study file by all that they define; the same in every process."""
        return hashlib.sha256(repr(replace(self, notices=())).encode()).hexdigest()[:12]

    def has_search(self, name: str) -> bool:
        """Whether one of its searches has this name."""
        return any(search.name == name for search in self.searches)

    @property
    def collects(self) -> tuple[str, ...]:
        """The assets of found videos that the study collects."""
        is_wanted = {"comments": self.comments.wanted, "users": self.users.wanted}
        return tuple(asset for asset in OF_FOUND_VIDEOS if is_wanted[asset])

    @property
    def keep_profile_days(self) -> int:
        """Days after which a profile that nothing verifies keeps only its counts."""
        return self.users.keep_profile_days or max(self.users.every_days, self.compliance.refresh_days)

    @property
    def queries(self) -> tuple[StudyQuery, ...]:
        """The queries of all searches, in the searches' order."""
        return tuple(query for search in self.searches for query in search.queries)

    @property
    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of all queries."""
        return frozenset(query.fingerprint for query in self.queries)
