"""Which lists of which accounts are observed, what is held of them, and what is due: pure, from what has landed.

An observation is one look at one list of one account, and belongs to the UTC day for which it was begun, also when its
first page came after midnight, or it was finished days later. What a list showed on a day that has passed cannot be
asked for any more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Final

from tt_pipeline.ingestion.holdings import Holdings
from tt_pipeline.landing import PageEntry, playlist_subject
from tt_pipeline.studies import AccountRules
from tt_pipeline.vocabulary import AccountList, AccountStatus, Bucket, Dataset, Refusal, StopReason, Username

_SOCIAL: Final = "social/"
_WITH_THEIR_OWN_QUOTA: Final = frozenset({AccountList.FOLLOWERS, AccountList.FOLLOWING})
_WHOLE: Final = frozenset({StopReason.COMPLETE, StopReason.LIST_CAP, StopReason.REFUSED})
_OF_REFUSAL: Final = {
    Refusal.NOT_FOUND: AccountStatus.NOT_FOUND,
    Refusal.PRIVATE: AccountStatus.PRIVATE,
    Refusal.REFUSED: AccountStatus.REFUSED,
}
_OF_END: Final = {
    None: AccountStatus.PAUSED,
    StopReason.COMPLETE: AccountStatus.COMPLETE,
    StopReason.LIST_CAP: AccountStatus.CAPPED,
}
_FIRST_TOLD: Final = (
    AccountStatus.PAUSED,
    AccountStatus.NEVER_ASKED,
    AccountStatus.FAILED,
    AccountStatus.CAPPED,
    AccountStatus.COMPLETE,
)
"""Of several playlists the status that says most of what is missing."""


def asset_of(account_list: AccountList) -> str:
    """The asset that observes a list."""
    return f"{_SOCIAL}{account_list}"


def list_of(asset: str) -> AccountList | None:
    """The list that an asset observes; None for assets that observe none."""
    return AccountList(asset.removeprefix(_SOCIAL)) if asset.startswith(_SOCIAL) else None


def bucket_of(asset: str) -> Bucket:
    """The quota on which an asset's requests are counted."""
    return Bucket.SOCIAL if list_of(asset) in _WITH_THEIR_OWN_QUOTA else Bucket.MAIN


@dataclass(frozen=True, slots=True)
class Target:
    """What one observation asks for: an account's list, or one of its playlists."""

    username: Username
    playlist_id: int | None = None

    @property
    def subject(self) -> str:
        """Its name in the landing index."""
        return playlist_subject(self.username, self.playlist_id) if self.playlist_id else self.username


@dataclass(frozen=True, slots=True)
class Step:
    """An observation to be made, or finished at its next page.

    Attributes:
        begun: What is held of it; None when nothing is.
    """

    target: Target
    look: int
    begun: PageEntry | None = None


@dataclass(frozen=True)
class Accounts:
    """The observed accounts of a study, and what has landed of their lists."""

    held: Holdings

    @property
    def lists(self) -> tuple[AccountList, ...]:
        """The lists that the study observes."""
        return self.held.study.accounts.lists if self.held.study.accounts else ()

    @property
    def today(self) -> date:
        """The UTC day on which an observation begun now would lie."""
        return self.held.now.astimezone(UTC).date()

    @cached_property
    def usernames(self) -> list[Username]:
        """Who is observed: accounts that are named, then those a search found most often as of now."""
        rules = self.held.study.accounts
        return list(dict.fromkeys([*rules.usernames, *self._top_creators(rules)])) if rules else []

    def _top_creators(self, rules: AccountRules) -> list[Username]:
        if not rules.top_creators:
            return []
        (search,) = (search for search in self.held.study.searches if search.name == rules.top_creators.search)
        fingerprints = {asked.fingerprint for asked in search.asked}
        found = self.held.index.found_videos(fingerprints, search.first_day, search.last_day or date.max)
        videos = Counter(video.username for video in found if video.username)
        return sorted(videos, key=lambda name: (-videos[name], name))[: rules.top_creators.most]

    def targets(self, account_list: AccountList) -> list[Target]:
        """What can be asked for; of an account's playlists those that found videos name."""
        return [target for username in self.usernames for target in self.targets_of(username, account_list)]

    def targets_of(self, username: Username, account_list: AccountList) -> list[Target]:
        """What can be asked of one account."""
        if account_list is not AccountList.PLAYLISTS:
            return [Target(username)]
        return [Target(username, playlist_id) for playlist_id in self._playlists.get(username, [])]

    @cached_property
    def _playlists(self) -> dict[Username, list[int]]:
        fingerprints = {asked.fingerprint for search in self.held.study.searches for asked in search.asked}
        known: dict[Username, list[int]] = defaultdict(list)
        for username, playlist_id in self.held.index.known_playlists(fingerprints):
            known[username].append(playlist_id)
        return known

    def looks(self, account_list: AccountList, target: Target) -> list[PageEntry]:
        """Every observation of a target, in the order they were begun."""
        return self._looks[account_list].get(target.subject, [])

    @cached_property
    def _looks(self) -> dict[AccountList, dict[str, list[PageEntry]]]:
        found: dict[AccountList, dict[str, list[PageEntry]]] = {}
        for account_list in AccountList:
            of_list = found[account_list] = defaultdict(list)
            for look in self.held.index.looks(Dataset(account_list.value)):
                of_list[look.subject].append(look)
        return found

    def to_observe(self, account_list: AccountList, day: date, *, again_since: datetime | None = None) -> list[Step]:
        """What is to be asked for on behalf of a day: what it left unfinished, and today what is due.

        Args:
            again_since: Today, whatever was not observed whole since then, due or not.
        """
        unfinished, new = [], []
        for target in self.targets(account_list):
            looks = self.looks(account_list, target)
            if looks and _is_open(looks[-1]) and begun_on(looks[-1]) == day:
                unfinished.append(Step(target, looks[-1].look, looks[-1]))
            elif day == self.today and self._is_wanted(looks, again_since):
                new.append(Step(target, looks[-1].look + 1 if looks else 1))
        return unfinished + new

    def days_due(self, account_list: AccountList) -> list[date]:
        """Days with something to be asked for, ascending."""
        lasts = [looks[-1] for target in self.targets(account_list) if (looks := self.looks(account_list, target))]
        days = {begun_on(last) for last in lasts if _is_open(last)}
        return sorted(days | ({self.today} if self.to_observe(account_list, self.today) else set()))

    def _is_wanted(self, looks: list[PageEntry], again_since: datetime | None) -> bool:
        if again_since and looks:
            return looks[-1].first_at < again_since
        return self._is_due(looks)

    def _is_due(self, looks: list[PageEntry]) -> bool:
        """Whether as many days have passed since the latest observation was begun as its end asks for."""
        if not looks:
            return True
        if _is_open(looks[-1]):
            return False
        return (self.today - begun_on(looks[-1])).days >= self._days_between(looks)

    def _days_between(self, looks: list[PageEntry]) -> int:
        study = self.held.study
        every = study.accounts.every_days if study.accounts else 0
        if looks[-1].refusal:
            return study.users.refused_days
        failures = 0
        while failures < len(looks) and looks[-1 - failures].ends not in _WHOLE:
            failures += 1
        # After a failure 1, 2, 4, … days, as for comments; but never later than without one.
        return min(every, 2 ** min(failures - 1, 10)) if failures else every

    def status(self, account_list: AccountList, username: Username) -> AccountStatus:
        """What is held of an account's list as of its latest observation."""
        every = [self.looks(account_list, target) for target in self.targets_of(username, account_list)]
        statuses = [look_status(looks[-1] if looks else None) for looks in every]
        first = (status for status in _FIRST_TOLD if status in statuses)
        return next(first, statuses[0]) if statuses else AccountStatus.NONE_KNOWN


def list_rows(accounts: Accounts) -> Iterator[dict[str, Any]]:
    """Rows of `ops.account_coverage`: one for each observed account and list, whatever is held of it."""
    for account_list in accounts.lists:
        for username in accounts.usernames:
            targets = accounts.targets_of(username, account_list)
            lasts = [looks[-1] for target in targets if (looks := accounts.looks(account_list, target))]
            yield {
                "username": username,
                "list": account_list.value,
                "status": accounts.status(account_list, username).value,
                "observations": max((last.look for last in lasts), default=0),
                "records_held": sum(last.records for last in lasts),
                "last_asked_at": max((last.last_at for last in lasts), default=None),
            }


def begun_on(look: PageEntry) -> date:
    """The UTC day to which an observation belongs."""
    return look.day


def _is_open(look: PageEntry) -> bool:
    return look.ends is None


def look_status(look: PageEntry | None) -> AccountStatus:
    """What one observation came to."""
    if look is None:
        return AccountStatus.NEVER_ASKED
    if look.refusal:
        return _OF_REFUSAL[look.refusal]
    return _OF_END.get(look.ends, AccountStatus.FAILED)
