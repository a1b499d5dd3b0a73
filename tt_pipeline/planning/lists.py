"""Estimates what observing the lists of accounts costs: accounts, observations of each list, and pages.

`coverage.account_lists` decides when a list is due; this module applies the same rules to all future days.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from tt_pipeline.codebook.datasets import ACCOUNT_LISTS
from tt_pipeline.codebook.limits import PAGE_SIZE
from tt_pipeline.coverage import AccountListCoverage, begun_on, days_refused
from tt_pipeline.landing import PageEntry
from tt_pipeline.planning import assumptions
from tt_pipeline.planning.estimate import NOTHING, Z_90, CostLine, CostPart, Estimate, total
from tt_pipeline.studies import AccountRules, Study
from tt_pipeline.vocabulary import AccountList

_FEWEST_LISTS: Final = 5
"""With fewer observed lists, the assumed number of pages is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownList:
    """A list of an account that is known by name, observed or not.

    Attributes:
        next_on: The UTC day on which the list is due.
        every_days: Days after which it is due again.
        pages: Requests of the latest observation that has ended; None before the first.
        begun: Requests of an observation that has not ended.
    """

    next_on: date
    every_days: int
    pages: int | None = None
    begun: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLists:
    """The accounts that a study observes, and their lists.

    Attributes:
        accounts: Number of accounts; None if nothing has landed.
        lists: The state of each list, one entry for each account.
    """

    accounts: int | None = None
    lists: Mapping[AccountList, Sequence[KnownList]] = field(default_factory=dict)

    @property
    def has_landed(self) -> bool:
        """Whether any list has been observed."""
        return any(known.pages is not None for lists in self.lists.values() for known in lists)


def known_lists(accounts: AccountListCoverage) -> KnownLists:
    """The state of the lists of accounts, from their coverage."""
    lists = {
        each: [_known_list(accounts, accounts.looks(each, target)) for target in accounts.current_targets(each)]
        for each in accounts.lists
    }
    return KnownLists(accounts=len(accounts.usernames), lists=lists)


def _known_list(accounts: AccountListCoverage, looks: Sequence[PageEntry]) -> KnownList:
    study = accounts.study
    every = study.accounts.every_days if study.accounts else 1
    if not looks:
        return KnownList(next_on=accounts.today, every_days=every)
    last = looks[-1]
    if last.ends is None:
        earlier = looks[-2].pages if len(looks) > 1 else None
        return KnownList(next_on=accounts.today, every_days=every, pages=earlier, begun=last.pages)
    if last.refusal:
        every = days_refused(last.refusal, refused_days=study.users.refused_days)
    return KnownList(next_on=begun_on(last) + timedelta(days=every), every_days=every, pages=last.pages)


def list_lines(
    study: Study, known: KnownLists, top_creators: Estimate, *, today: date, last_day: date
) -> list[CostLine]:
    """The cost of the lists until the last planned day; if that day has passed, the cost of the lists due now.

    Args:
        known: The state of the lists.
        top_creators: Creators that the search for top creators finds.
        today: The first day of observation.
        last_day: The last planned day.
    """
    rules = study.accounts
    if not rules:
        return []
    costs = _ListCosts(
        rules=rules,
        known=known,
        accounts=_number_of_accounts(rules, known, top_creators),
        today=today,
        days=max(0, (last_day - today).days),
        refused_days=study.users.refused_days,
    )
    return [costs.line(each) for each in rules.lists]


def _number_of_accounts(rules: AccountRules, known: KnownLists, top_creators: Estimate) -> Estimate:
    """The number of observed accounts after the top creators have been found."""
    named = len(rules.usernames)
    if not rules.top_creators:
        return Estimate.exactly(named)
    most = named + rules.top_creators.most
    found = (Estimate.exactly(named) + top_creators).at_most(most)
    if known.accounts is None:
        return found
    present = min(most, known.accounts)
    return Estimate(present, max(present, found.likely), most)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListCosts:
    """The price of each list.

    Attributes:
        days: From today to the last planned day.
        refused_days: Days after which a list that the account does not show is requested again.
    """

    rules: AccountRules
    known: KnownLists
    accounts: Estimate
    today: date
    days: int
    refused_days: int

    def line(self, account_list: AccountList) -> CostLine:
        known = self.known.lists.get(account_list, ())
        row = ACCOUNT_LISTS[account_list]
        lists = self.accounts * assumptions.PLAYLISTS_AN_ACCOUNT if row.is_by_playlist else self.accounts
        pages = self._pages(account_list, known)
        of_known = total(self._requests_of(each, pages) for each in known)
        known_a_day = total(_pages_of(each, pages).times(1 / each.every_days) for each in known)
        new = lists.minus(len(known)) * pages
        return CostLine(
            part=CostPart.LISTS,
            dataset=row.dataset,
            per_day=known_a_day + new.times(1 / self.rules.every_days),
            total=of_known + new * self._observations(),
        )

    def _pages(self, account_list: AccountList, known: Sequence[KnownList]) -> Estimate:
        """Average requests of an observation, over all accounts."""
        # Follows of the same second can be on two consecutive pages, so a list may need one page more.
        most = 1 + math.ceil(self.rules.max_per_list / PAGE_SIZE)
        observed = [each.pages for each in known if each.pages is not None]
        if len(observed) < _FEWEST_LISTS:
            return assumptions.PAGES_OF_A_LIST[account_list].at_most(most)
        mean = statistics.fmean(observed)
        error = Z_90 * (statistics.stdev(observed) / mean + 0.1) * math.sqrt(2 / len(observed))
        return Estimate.within(mean, error).at_most(most)

    def _observations(self) -> Estimate:
        """Observations of a list that was never requested; lists that are not shown are requested less often."""
        regular, refused = (1 + self.days // every for every in (self.rules.every_days, self.refused_days))
        few = regular + (min(regular, refused) - regular) * assumptions.REFUSED_AT_MOST
        return Estimate(few, regular, regular)

    def _requests_of(self, known: KnownList, pages: Estimate) -> Estimate:
        wait = max(0, (known.next_on - self.today).days)
        if wait > self.days:
            return NOTHING
        observations = 1 + (self.days - wait) // known.every_days
        return _pages_of(known, pages).times(observations).minus(known.begun)


def _pages_of(known: KnownList, average: Estimate) -> Estimate:
    """Requests of an observation of this list: as the last one, or as the average if it was never observed."""
    return average if known.pages is None else assumptions.LISTS_CHANGE.times(known.pages)
