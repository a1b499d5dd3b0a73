"""The coverage of the lists of observed accounts: the accounts, their observations, and what is due.

An observation is one look at one list of one account. It belongs to the UTC day on which it began, even if its first
page arrived after midnight or its last page days later. The API returns a list only as it is now, so nobody can observe
a past day.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Final, Self

from tt_pipeline.codebook.datasets import ACCOUNT_LISTS, DATASETS, LOADED
from tt_pipeline.coverage.search_days import days_refused, days_to_wait
from tt_pipeline.landing import Index, PageEntry, playlist_subject
from tt_pipeline.studies import AccountRules, Study, find_search
from tt_pipeline.vocabulary import AccountList, AccountStatus, Bucket, Dataset, Refusal, StopReason, Username

_WHOLE: Final = frozenset({StopReason.COMPLETE, StopReason.LIST_CAP, StopReason.REFUSED})
_OF_REFUSAL: Final = {
    Refusal.NOT_FOUND: AccountStatus.NOT_FOUND,
    Refusal.PRIVATE: AccountStatus.PRIVATE,
    Refusal.REFUSED: AccountStatus.REFUSED,
    Refusal.UNKNOWN: AccountStatus.REFUSED,
}
_OF_END: Final = {
    None: AccountStatus.PAUSED,
    StopReason.COMPLETE: AccountStatus.COMPLETE,
    StopReason.LIST_CAP: AccountStatus.CAPPED,
}
_WORST_FIRST: Final = (
    AccountStatus.PAUSED,
    AccountStatus.NEVER_ASKED,
    AccountStatus.FAILED,
    AccountStatus.CAPPED,
    AccountStatus.COMPLETE,
)
"""If an account has several playlists, its status is the first of these that one of them has."""

_BUCKET_OF: Final = {row.asset: row.bucket for row in LOADED}
_LIST_OF: Final = {row.asset: account_list for account_list, row in ACCOUNT_LISTS.items()}


def asset_of(account_list: AccountList) -> str:
    """The asset that observes a list."""
    return ACCOUNT_LISTS[account_list].asset


def list_of(asset: str) -> AccountList | None:
    """The list that an asset observes; None if the asset collects something else."""
    return _LIST_OF.get(asset)


def quota_bucket(asset: str) -> Bucket:
    """The quota to which the API charges an asset's requests."""
    return _BUCKET_OF.get(asset, DATASETS[Dataset.VIDEOS].bucket)


@dataclass(frozen=True, slots=True)
class ListTarget:
    """The subject of an observation: an account, or one playlist of an account."""

    username: Username
    playlist_id: int | None = None

    @property
    def subject(self) -> str:
        """The target's name in the landing index."""
        return playlist_subject(self.username, self.playlist_id) if self.playlist_id else self.username

    @classmethod
    def of(cls, look: PageEntry) -> Self:
        """The target that an observation was about."""
        username, *playlist_id = look.subject.split()
        return cls(Username(username), *map(int, playlist_id))


@dataclass(frozen=True, slots=True)
class PendingObservation:
    """An observation to begin, or to continue at its next page.

    Attributes:
        look: Number of the observation of this target, from 1.
        begun: Its landed pages; None if no page has landed.
    """

    target: ListTarget
    look: int
    begun: PageEntry | None = None


@dataclass(frozen=True)
class AccountListCoverage:
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
        """The current UTC day; an observation that begins now belongs to it."""
        return self.now.astimezone(UTC).date()

    @cached_property
    def usernames(self) -> list[Username]:
        """The accounts that the study names, then the creators of whom the search has found most videos so far."""
        rules = self.study.accounts
        return list(dict.fromkeys([*rules.usernames, *self._top_creators(rules)])) if rules else []

    def _top_creators(self, rules: AccountRules) -> list[Username]:
        if not rules.top_creators:
            return []
        search = find_search(self.study, rules.top_creators.search)
        fingerprints = {query.fingerprint for query in search.queries}
        found = self.index.found_videos(fingerprints, search.first_day, search.last_day or date.max)
        videos = Counter(video.username for video in found if video.username)
        return sorted(videos, key=lambda name: (-videos[name], name))[: rules.top_creators.most]

    def current_targets(self, account_list: AccountList) -> list[ListTarget]:
        """The targets of the accounts observed now, then other targets whose latest observation is unfinished."""
        begun = [ListTarget.of(look) for look in self.unfinished(account_list)]
        return list(dict.fromkeys([*self._present(account_list), *begun]))

    def _present(self, account_list: AccountList) -> list[ListTarget]:
        return [target for username in self.usernames for target in self._targets_of(username, account_list)]

    def _targets_of(self, username: Username, account_list: AccountList) -> list[ListTarget]:
        """The targets of an account; only playlists that found videos name are known."""
        if ACCOUNT_LISTS[account_list].is_by_playlist:
            return [ListTarget(username, playlist_id) for playlist_id in self._playlists.get(username, [])]
        return [ListTarget(username)]

    @cached_property
    def _playlists(self) -> dict[Username, list[int]]:
        known: dict[Username, list[int]] = defaultdict(list)
        for username, playlist_id in self.index.known_playlists(self.study.fingerprints):
            known[username].append(playlist_id)
        return known

    def looks(self, account_list: AccountList, target: ListTarget) -> list[PageEntry]:
        """All observations of a target, oldest first."""
        return self._looks[account_list].get(target.subject, [])

    def unfinished(self, account_list: AccountList) -> list[PageEntry]:
        """Observations whose last page has not landed; they continue with the next page."""
        return [looks[-1] for looks in self._looks[account_list].values() if _is_open(looks[-1])]

    def observed_on(self, account_list: AccountList, day: date) -> list[PageEntry]:
        """All observations that belong to a day, including those of accounts that are no longer observed."""
        return [look for looks in self._looks[account_list].values() for look in looks if begun_on(look) == day]

    @cached_property
    def _looks(self) -> dict[AccountList, dict[str, list[PageEntry]]]:
        found: dict[AccountList, dict[str, list[PageEntry]]] = {}
        for account_list in AccountList:
            of_list = found[account_list] = defaultdict(list)
            for look in self.index.looks(ACCOUNT_LISTS[account_list].dataset):
                of_list[look.subject].append(look)
        return found

    def to_observe(
        self, account_list: AccountList, day: date, *, again_since: datetime | None = None
    ) -> list[PendingObservation]:
        """The unfinished observations of a day; if the day is today, also the new observations that are due.

        Args:
            again_since: Also start an observation of each target that has none since this instant, due or not. Only
                today.
        """
        begun = [look for look in self.unfinished(account_list) if begun_on(look) == day]
        unfinished = [PendingObservation(ListTarget.of(look), look.look, look) for look in begun]
        begun_targets = {each.target for each in unfinished}
        new = self._to_begin(account_list, again_since) if day == self.today else []
        return [*unfinished, *(each for each in new if each.target not in begun_targets)]

    def _to_begin(self, account_list: AccountList, again_since: datetime | None) -> Iterator[PendingObservation]:
        for target in self._present(account_list):
            looks = self.looks(account_list, target)
            if self._is_wanted(looks, again_since):
                # A one-off look has a number of its own: in the tables two looks must not become one.
                look = self.index.last_look(ACCOUNT_LISTS[account_list].dataset, target.subject)
                yield PendingObservation(target, look + 1)

    def days_to_observe(self, account_list: AccountList) -> list[date]:
        """Days for which `to_observe` returns something, oldest first."""
        days = {begun_on(look) for look in self.unfinished(account_list)}
        return sorted(days | ({self.today} if self.to_observe(account_list, self.today) else set()))

    def _is_wanted(self, looks: list[PageEntry], again_since: datetime | None) -> bool:
        if again_since and looks:
            return looks[-1].first_at < again_since
        return self._is_due(looks)

    def _is_due(self, looks: list[PageEntry]) -> bool:
        """Whether enough days have passed since the latest observation began; the number depends on its result."""
        if not looks:
            return True
        if _is_open(looks[-1]):
            return False
        return (self.today - begun_on(looks[-1])).days >= self._days_between(looks)

    def _days_between(self, looks: list[PageEntry]) -> int:
        every = self.study.accounts.every_days if self.study.accounts else 0
        if refusal := looks[-1].refusal:
            return days_refused(refusal, refused_days=self.study.users.refused_days)
        failures = 0
        while failures < len(looks) and looks[-1 - failures].ends not in _WHOLE:
            failures += 1
        wait = days_to_wait(looks[-1].ends, tries=failures) if failures else None
        return every if wait is None else min(every, wait)  # never later than without a failure

    def targets_by_username(self, account_list: AccountList) -> Mapping[Username, Sequence[ListTarget]]:
        """The targets of all accounts that are observed now or were observed earlier."""
        targets = {username: dict.fromkeys(self._targets_of(username, account_list)) for username in self.usernames}
        for looks in self._looks[account_list].values():
            target = ListTarget.of(looks[-1])
            targets.setdefault(target.username, {})[target] = None
        return {username: list(of_account) for username, of_account in targets.items()}


def list_coverage_rows(accounts: AccountListCoverage) -> Iterator[dict[str, Any]]:
    """Rows of `ops.account_coverage`: one for each account and observed list, in any status."""
    for account_list in accounts.lists:
        for username, targets in accounts.targets_by_username(account_list).items():
            yield _list_row(username, account_list, [accounts.looks(account_list, target) for target in targets])


def _list_row(
    username: Username, account_list: AccountList, of_targets: Sequence[Sequence[PageEntry]]
) -> dict[str, Any]:
    lasts = [looks[-1] for looks in of_targets if looks]
    return {
        "username": username,
        "list": account_list.value,
        "status": _status_of_all(of_targets).value,
        "observations": max(map(len, of_targets), default=0),
        "records_held": sum(last.records for last in lasts),
        "last_asked_at": max((last.last_at for last in lasts), default=None),
    }


def _status_of_all(of_targets: Sequence[Sequence[PageEntry]]) -> AccountStatus:
    statuses = [look_status(looks[-1] if looks else None) for looks in of_targets]
    first = (status for status in _WORST_FIRST if status in statuses)
    return next(first, statuses[0]) if statuses else AccountStatus.NONE_KNOWN


def begun_on(look: PageEntry) -> date:
    """The UTC day to which an observation belongs."""
    return look.day


def _is_open(look: PageEntry) -> bool:
    return look.ends is None


def look_status(look: PageEntry | None) -> AccountStatus:
    """The status of an observation or of a look at a profile; `NEVER_ASKED` for None."""
    if look is None:
        return AccountStatus.NEVER_ASKED
    if look.refusal:
        return _OF_REFUSAL[look.refusal]
    if look.ends and look.unread:
        return AccountStatus.FAILED
    return _OF_END.get(look.ends, AccountStatus.FAILED)
