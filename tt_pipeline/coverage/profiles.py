"""The coverage of the profiles of creators and mentioned accounts. These functions read no file and no clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from tt_pipeline.coverage.search_days import days_refused, retry_at
from tt_pipeline.landing import DayNote, PageEntry, VideoFacts
from tt_pipeline.studies import UserRules
from tt_pipeline.vocabulary import StopReason, Username

ACCOUNTS: Final = "accounts"
MISSING: Final = "missing"
FAILED: Final = "failed"
"""The keys of a note's counts: all accounts of a day, those without a current profile, and those that failed."""
_FAILED_ENDS: Final = frozenset({StopReason.UNAVAILABLE, StopReason.LIST_MISSING})


@dataclass(frozen=True)
class ProfileCoverage:
    """The profiles of a study's creators and, if the study sets `mentioned`, of the accounts that videos mention.

    Attributes:
        videos_by_day: The videos that searches found, each once a day.
        profiles: The latest look at each account, by username.
        notes: Of days that were noted, `note` reads no video; `note_days` adds to it.
    """

    rules: UserRules
    now: datetime
    videos_by_day: Mapping[date, Sequence[VideoFacts]]
    profiles: Mapping[str, PageEntry]
    notes: dict[date, DayNote] = field(default_factory=dict)

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
        if not self.rules.wanted or self._has_none(day, MISSING):
            return []
        return [name for name in self.accounts_of(day) if not self._was_looked_up(name, day)]

    def failed(self, day: date) -> list[Username]:
        """Accounts of a day whose profile the server did not return, or returned unreadable."""
        return [] if self._has_none(day, FAILED) else [name for name in self.accounts_of(day) if self._has_failed(name)]

    def _has_none(self, day: date, key: str) -> bool:
        """Whether a note says that the day has no such accounts."""
        note = self.notes.get(day)
        return note is not None and not note.counts[key]

    def note(self, day: date) -> DayNote:
        """The number of a day's accounts, of all, missing and failed ones, and how many need a request.

        The videos of the day are read if nobody noted it.
        """
        if note := self.notes.get(day):
            return note
        missing, failed = self.accounts_without_current_profile(day), self.failed(day)
        again = [at for name in failed if (at := self._again_at(name))] if self.rules.wanted else []
        return DayNote(
            counts={ACCOUNTS: len(self.accounts_of(day)), MISSING: len(missing), FAILED: len(failed)},
            to_request=len(missing) + sum(at <= self.now for at in again),
            lacks=len(missing) + len(failed),
            until=min((at for at in again if at > self.now), default=None),
        )

    def needs_request(self, day: date) -> bool:
        """Whether an account of a day needs a request."""
        return self.rules.wanted and bool(self.note(day).to_request)

    def subjects(self, day: date) -> Collection[str]:
        """The accounts of a day; none if the study collects no profiles."""
        return set(self.accounts_of(day)) if self.rules.wanted else ()

    def accounts_to_request(self, day: date) -> list[Username]:
        """The missing accounts of a day, then those whose latest failure is long enough ago to try again."""
        if not self.rules.wanted:
            return []
        waited = [name for name in self.failed(day) if (at := self._again_at(name)) and at <= self.now]
        return self.accounts_without_current_profile(day) + waited

    def _again_at(self, username: Username) -> datetime | None:
        """When an account whose profile failed may be requested again; None if never."""
        profile = self.profiles[username]
        # An answer that cannot be read (the server did not fail) is requested again only with `--again`.
        return retry_at(profile, tries=profile.failures) if profile.failures else None

    def accounts_with_profile(self, day: date) -> list[Username]:
        """Accounts of a day whose profile has landed and can be read."""
        whole = {
            name: p for name in self.accounts_of(day) if (p := self.profiles.get(name)) and p.ends and not p.refusal
        }
        return [name for name in whole if not self._has_failed(name)]

    def _has_failed(self, username: Username) -> bool:
        profile = self.profiles.get(username)
        return profile is not None and (profile.ends in _FAILED_ENDS or bool(profile.unread))

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
