"""What it costs to observe the lists of accounts: how many accounts, how often, how many pages.

How a list is due is `coverage.account_lists`; here the same is asked for every day to come.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from tt_pipeline.coverage.account_lists import Accounts, asset_of, begun_on, bucket_of
from tt_pipeline.coverage.windows import PAGE_SLOTS
from tt_pipeline.landing import PageEntry
from tt_pipeline.planning import assumptions as prior
from tt_pipeline.planning.estimate import NOTHING, SURE, CostLine, CostPart, Estimate, total
from tt_pipeline.studies import AccountRules, Study
from tt_pipeline.vocabulary import AccountList, Dataset

_FEWEST_LISTS: Final = 5
"""With fewer, the lists of accounts that were never asked for stay assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownList:
    """A list that is observed already, or named and never asked for.

    Attributes:
        next_on: The UTC day on which it is due.
        every_days: It is due again after so many days.
        pages: Requests of its latest observation; None before the first one that ended.
        begun: Requests of an observation that is unfinished.
    """

    next_on: date
    every_days: int
    pages: int | None = None
    begun: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The accounts that a study observes, as they are known.

    Attributes:
        accounts: How many; None while nothing can be known.
        lists: What is known of their lists.
    """

    accounts: int | None = None
    lists: Mapping[AccountList, Sequence[KnownList]] = field(default_factory=dict)

    @property
    def is_landed(self) -> bool:
        """Whether any list has been observed."""
        return any(known.pages is not None for lists in self.lists.values() for known in lists)


def observed(accounts: Accounts) -> Observed:
    """What has landed of lists."""
    lists = {each: [_known(accounts, looks) for looks in _looks(accounts, each)] for each in accounts.lists}
    return Observed(accounts=len(accounts.usernames), lists=lists)


def _looks(accounts: Accounts, account_list: AccountList) -> list[list[PageEntry]]:
    return [accounts.looks(account_list, target) for target in accounts.targets(account_list)]


def _known(accounts: Accounts, looks: Sequence[PageEntry]) -> KnownList:
    study = accounts.study
    every = study.accounts.every_days if study.accounts else 1
    if not looks:
        return KnownList(next_on=accounts.today, every_days=every)
    last = looks[-1]
    if last.ends is None:
        earlier = looks[-2].pages if len(looks) > 1 else None
        return KnownList(next_on=accounts.today, every_days=every, pages=earlier, begun=last.pages)
    if last.refusal:
        every = study.users.refused_days
    return KnownList(next_on=begun_on(last) + timedelta(days=every), every_days=every, pages=last.pages)


def list_lines(study: Study, known: Observed, creators: Estimate, *, today: date, last_day: date) -> list[CostLine]:
    """What the lists cost until the last planned day, or what is due now where that has passed.

    Args:
        known: What has landed.
        creators: Whom the search for top creators finds.
        today: The first day of observation.
        last_day: The last planned day.
    """
    rules = study.accounts
    if not rules:
        return []
    days = max(0, (last_day - today).days)
    costs = _ListCosts(rules, known, _accounts(rules, known, creators), today, days, study.users.refused_days)
    return [costs.line(each) for each in rules.lists]


def _accounts(rules: AccountRules, known: Observed, creators: Estimate) -> Estimate:
    """How many are observed in the long run."""
    if not rules.top_creators:
        return Estimate.exactly(len(rules.usernames))
    most = len(rules.usernames) + rules.top_creators.most
    found = (Estimate.exactly(len(rules.usernames)) + creators).at_most(most)
    if known.accounts is None:
        return found
    present = min(most, known.accounts)
    return Estimate(present, max(present, found.likely), most)


@dataclass(frozen=True, slots=True)
class _ListCosts:
    """The arithmetic of lists.

    Attributes:
        days: From today to the last planned day.
        refused_days: Those who are refused are asked again after so many days.
    """

    rules: AccountRules
    known: Observed
    accounts: Estimate
    today: date
    days: int
    refused_days: int

    def line(self, account_list: AccountList) -> CostLine:
        known = self.known.lists.get(account_list, ())
        pages = self._pages(account_list, known)
        unknown = self._lists(account_list).less(len(known))
        seen = total(self._known(each, pages) for each in known)
        whole = seen + unknown * self._times() * pages
        usual = self._lists(account_list) * pages
        return CostLine(
            part=CostPart.LISTS,
            dataset=Dataset(account_list.value),
            search=None,
            per_day=usual.times(1 / self.rules.every_days),
            total=whole,
            bucket=bucket_of(asset_of(account_list)),
        )

    def _lists(self, account_list: AccountList) -> Estimate:
        is_by_playlist = account_list is AccountList.PLAYLISTS
        return self.accounts * prior.PLAYLISTS_AN_ACCOUNT if is_by_playlist else self.accounts

    def _times(self) -> Estimate:
        """Observations of a list that was never asked for; some accounts refuse, and are asked less often."""
        regular, refused = (1 + self.days // every for every in (self.rules.every_days, self.refused_days))
        few = regular + (min(regular, refused) - regular) * prior.REFUSED_AT_MOST
        return Estimate(few, regular, regular)

    def _known(self, each: KnownList, pages: Estimate) -> Estimate:
        wait = max(0, (each.next_on - self.today).days)
        if wait > self.days:
            return NOTHING
        times = 1 + (self.days - wait) // each.every_days
        own = pages if each.pages is None else prior.LISTS_CHANGE.times(each.pages)
        return own.times(times).less(each.begun)

    def _pages(self, account_list: AccountList, known: Sequence[KnownList]) -> Estimate:
        """Requests of an observation, on the average of the accounts."""
        # Follows that share a second come twice where pages meet, so that a list may take a page more.
        most = 1 + math.ceil(self.rules.max_per_list / PAGE_SLOTS)
        landed = [each.pages for each in known if each.pages is not None]
        if len(landed) < _FEWEST_LISTS:
            return prior.PAGES_OF_A_LIST[account_list].at_most(most)
        mean = statistics.fmean(landed)
        error = SURE * (statistics.stdev(landed) / mean + 0.1) * math.sqrt(2 / len(landed))
        return Estimate.within(mean, error).at_most(most)
