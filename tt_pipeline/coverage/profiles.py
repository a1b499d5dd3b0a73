"""The coverage of the profiles of creators and mentioned accounts. These functions read no file and no clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from tt_pipeline.coverage.search_days import days_refused, may_retry
from tt_pipeline.landing import MISSING_ACCOUNTS, DayNote, PageEntry, VideoFacts
from tt_pipeline.studies import UserRules
from tt_pipeline.vocabulary import StopReason, Username

_ACCOUNTS: Final = "accounts"
_FAILED: Final = frozenset({StopReason.UNAVAILABLE, StopReason.LIST_MISSING})


@dataclass(frozen=True)
class ProfileCoverage:
    """The profiles of a study's creators and, if the study sets `mentioned`, of the accounts that videos mention.

    Attributes:
        videos_by_day: The videos that searches found, each once a day.
        profiles: The latest look at each account, by username.
        notes: The number of accounts, in all and missing, of days that need not be read for it.
    """

    rules: UserRules
    now: datetime
    videos_by_day: Mapping[date, Sequence[VideoFacts]]
    profiles: Mapping[str, PageEntry]
    notes: Mapping[date, DayNote] = field(default_factory=dict)

    def accounts_of(self, day: date) -> list[Username]:
        """The creators of a day's videos and, if the study sets `mentioned`, the accounts that these videos mention."""
        return list(dict.fromkeys(name for video in self.videos_by_day.get(day, []) for name in self._names(video)))

    def _names(self, video: VideoFacts) -> Sequence[Username]:
        creator = (video.username,) if video.username else ()
        return (*creator, *video.mentions) if self.rules.mentioned else creator

    def accounts_without_current_profile(self, day: date) -> list[Username]:
        """Accounts of a day without a look, or whose latest look was too long before the day.

        A look that failed counts as a look; see `failed`.
        """
        if not self.rules.wanted or self._is_finished(day):
            return []
        return [name for name in self.accounts_of(day) if not self._was_looked_up(name, day)]

    def failed(self, day: date) -> list[Username]:
        """Accounts of a day whose profile the server did not return, or returned unreadable."""
        return [] if day in self.notes else [name for name in self.accounts_of(day) if self._has_failed(name)]

    def can_be_noted(self, day: date) -> bool:
        """Whether a note on the day stays right until a page lands or the study is edited.

        Whether a failed account may be requested again depends on the time that has passed.
        """
        return not self.failed(day)

    def _is_finished(self, day: date) -> bool:
        """Whether a note says that no account of the day needs a request."""
        return day in self.notes and MISSING_ACCOUNTS not in self.notes[day].counts

    def number_of_accounts(self, day: date) -> int:
        """The number of a day's accounts."""
        return self.number_by_status(day)[_ACCOUNTS]

    def number_by_status(self, day: date) -> Mapping[str, int]:
        """What is noted about a day: the number of its accounts, and of those without a current profile if any is."""
        if note := self.notes.get(day):
            return note.counts
        missing = len(self.accounts_without_current_profile(day))
        return {_ACCOUNTS: len(self.accounts_of(day))} | ({MISSING_ACCOUNTS: missing} if missing else {})

    def needs_request(self, day: date) -> bool:
        """Whether an account of a day needs a request."""
        if self.rules.wanted and day in self.notes:
            return not self._is_finished(day)
        return bool(self.accounts_to_request(day))

    def subjects(self, day: date) -> Collection[str]:
        """The accounts of a day; none if the study collects no profiles."""
        return set(self.accounts_of(day)) if self.rules.wanted else ()

    def accounts_to_request(self, day: date) -> list[Username]:
        """The missing accounts of a day, then those whose latest failure is long enough ago to try again."""
        if not self.rules.wanted:
            return []
        again = (self.profiles[name] for name in self.failed(day))
        # An answer that cannot be read (the server did not fail) is requested again only with `--again`.
        tried = [p for p in again if p.failures]
        waited = [Username(p.subject) for p in tried if may_retry(p, tries=p.failures, now=self.now)]
        return self.accounts_without_current_profile(day) + waited

    def accounts_with_profile(self, day: date) -> list[Username]:
        """Accounts of a day whose profile has landed and can be read."""
        whole = {
            name: p for name in self.accounts_of(day) if (p := self.profiles.get(name)) and p.ends and not p.refusal
        }
        return [name for name in whole if not self._has_failed(name)]

    def _has_failed(self, username: Username) -> bool:
        profile = self.profiles.get(username)
        return profile is not None and (profile.ends in _FAILED or bool(profile.unread))

    def _was_looked_up(self, username: Username, day: date) -> bool:
        # Counted from the video's day, not from today: otherwise a complete day would become incomplete again.
        profile = self.profiles.get(username)
        if profile is None or profile.ends is None:
            return False
        rules, refusal = self.rules, profile.refusal
        keeps_days = days_refused(refusal, refused_days=rules.refused_days) if refusal else rules.every_days
        return self._has_failed(username) or profile.last_at.date() >= day - timedelta(days=keeps_days)

    def is_looked_up_since(self, username: Username, since: datetime) -> bool:
        """Whether the latest look at the account began since this instant and is complete."""
        return username in self.profiles and self.profiles[username].is_whole_since(since)

    def next_look_number(self, username: Username) -> int:
        """The number of the next look at the account, from 1; a retry has the number of the look that failed."""
        profile = self.profiles.get(username)
        return profile.look + (not profile.failures) if profile else 1
