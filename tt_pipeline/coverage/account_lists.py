"""Which lists of which accounts are observed, what is held of them, and what is due: pure, from what has landed.

An observation is one look at one list of one account, and belongs to the UTC day for which it was begun, also when its
first page came after midnight, or it was finished days later. What a list showed on a day that has passed cannot be
asked for any more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Final, Self

from tt_pipeline.landing import Index, PageEntry, playlist_subject
from tt_pipeline.studies import AccountRules, Study
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

    @classmethod
    def of(cls, look: PageEntry) -> Self:
        """What an observation asked for."""
        username, *playlist_id = look.subject.split()
        return cls(Username(username), *map(int, playlist_id))


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

    study: Study
    index: Index
    now: datetime

    @property
    def lists(self) -> tuple[AccountList, ...]:
        """The lists that the study observes."""
        return self.study.accounts.lists if self.study.accounts else ()

    @property
    def today(self) -> date:
        """The UTC day on which an observation begun now would lie."""
        return self.now.astimezone(UTC).date()

    @cached_property
    def usernames(self) -> list[Username]:
        """Who is observed: accounts that are named, then those a search found most often as of now."""
        rules = self.study.accounts
        return list(dict.fromkeys([*rules.usernames, *self._top_creators(rules)])) if rules else []

    def _top_creators(self, rules: AccountRules) -> list[Username]:
        if not rules.top_creators:
            return []
        (search,) = (search for search in self.study.searches if search.name == rules.top_creators.search)
        fingerprints = {asked.fingerprint for asked in search.asked}
        found = self.index.found_videos(fingerprints, search.first_day, search.last_day or date.max)
        videos = Counter(video.username for video in found if video.username)
        return sorted(videos, key=lambda name: (-videos[name], name))[: rules.top_creators.most]

    def targets(self, account_list: AccountList) -> list[Target]:
        """What is asked for: of who is observed now, and whatever is unfinished, whoever is observed by now."""
        begun = [Target.of(look) for look in self.unfinished(account_list)]
        return list(dict.fromkeys([*self._present(account_list), *begun]))

    def _present(self, account_list: AccountList) -> list[Target]:
        return [target for username in self.usernames for target in self._targets_of(username, account_list)]

    def _targets_of(self, username: Username, account_list: AccountList) -> list[Target]:
        """What can be asked of an account; of its playlists those that found videos name."""
        if account_list is not AccountList.PLAYLISTS:
            return [Target(username)]
        return [Target(username, playlist_id) for playlist_id in self._playlists.get(username, [])]

    @cached_property
    def _playlists(self) -> dict[Username, list[int]]:
        fingerprints = {asked.fingerprint for search in self.study.searches for asked in search.asked}
        known: dict[Username, list[int]] = defaultdict(list)
        for username, playlist_id in self.index.known_playlists(fingerprints):
            known[username].append(playlist_id)
        return known

    def looks(self, account_list: AccountList, target: Target) -> list[PageEntry]:
        """Every observation of a target, in the order they were begun."""
        return self._looks[account_list].get(target.subject, [])

    def unfinished(self, account_list: AccountList) -> list[PageEntry]:
        """Observations that go on at their next page."""
        return [looks[-1] for looks in self._looks[account_list].values() if _is_open(looks[-1])]

    def observed_on(self, account_list: AccountList, day: date) -> list[PageEntry]:
        """Every observation that belongs to a day, whoever is observed by now."""
        return [look for looks in self._looks[account_list].values() for look in looks if begun_on(look) == day]

    @cached_property
    def _looks(self) -> dict[AccountList, dict[str, list[PageEntry]]]:
        found: dict[AccountList, dict[str, list[PageEntry]]] = {}
        for account_list in AccountList:
            of_list = found[account_list] = defaultdict(list)
            for look in self.index.looks(Dataset(account_list.value)):
                of_list[look.subject].append(look)
        return found

    def to_observe(self, account_list: AccountList, day: date, *, again_since: datetime | None = None) -> list[Step]:
        """What is to be asked for on behalf of a day: what it left unfinished, and today what is due.

        Args:
            again_since: Today, whatever was not observed whole since then, due or not.
        """
        begun = [look for look in self.unfinished(account_list) if begun_on(look) == day]
        unfinished = {Target.of(look): Step(Target.of(look), look.look, look) for look in begun}
        new = self._to_begin(account_list, again_since) if day == self.today else []
        return [*unfinished.values(), *(step for step in new if step.target not in unfinished)]

    def _to_begin(self, account_list: AccountList, again_since: datetime | None) -> Iterator[Step]:
        for target in self._present(account_list):
            looks = self.looks(account_list, target)
            if self._is_wanted(looks, again_since):
                yield Step(target, looks[-1].look + 1 if looks else 1)

    def days_due(self, account_list: AccountList) -> list[date]:
        """Days with something to be asked for, ascending."""
        days = {begun_on(look) for look in self.unfinished(account_list)}
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
        every = self.study.accounts.every_days if self.study.accounts else 0
        if looks[-1].refusal:
            return self.study.users.refused_days
        failures = 0
        while failures < len(looks) and looks[-1 - failures].ends not in _WHOLE:
            failures += 1
        # After a failure 1, 2, 4, … days, as for comments; but never later than without one.
        return min(every, 2 ** min(failures - 1, 10)) if failures else every

    def told(self, account_list: AccountList) -> Mapping[Username, Sequence[Target]]:
        """Of whom there is something to say, and of which lists: who is observed now, and who ever was asked."""
        targets = {username: dict.fromkeys(self._targets_of(username, account_list)) for username in self.usernames}
        for looks in self._looks[account_list].values():
            target = Target.of(looks[-1])
            targets.setdefault(target.username, {})[target] = None
        return {username: list(of_account) for username, of_account in targets.items()}


def list_rows(accounts: Accounts) -> Iterator[dict[str, Any]]:
    """Rows of `ops.account_coverage`: one for each account and observed list, whatever is held of it."""
    for account_list in accounts.lists:
        for username, targets in accounts.told(account_list).items():
            yield _list_row(username, account_list, [accounts.looks(account_list, target) for target in targets])


def _list_row(
    username: Username, account_list: AccountList, of_targets: Sequence[Sequence[PageEntry]]
) -> dict[str, Any]:
    lasts = [looks[-1] for looks in of_targets if looks]
    return {
        "username": username,
        "list": account_list.value,
        "status": _status_of_all(of_targets).value,
        "observations": max((last.look for last in lasts), default=0),
        "records_held": sum(last.records for last in lasts),
        "last_asked_at": max((last.last_at for last in lasts), default=None),
    }


def _status_of_all(of_targets: Sequence[Sequence[PageEntry]]) -> AccountStatus:
    statuses = [look_status(looks[-1] if looks else None) for looks in of_targets]
    first = (status for status in _FIRST_TOLD if status in statuses)
    return next(first, statuses[0]) if statuses else AccountStatus.NONE_KNOWN


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
    if look.ends and look.unread:
        return AccountStatus.FAILED
    return _OF_END.get(look.ends, AccountStatus.FAILED)
