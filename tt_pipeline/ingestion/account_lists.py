"""Observe a list of the study's accounts: followers, following, liked, pinned and reposted videos, playlists."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from tt_pipeline.codebook.datasets import ACCOUNT_LISTS
from tt_pipeline.coverage import (
    AccountListCoverage,
    PendingObservation,
    asset_of,
    look_status,
)
from tt_pipeline.ingestion.bookkeeping import Tally, carry_out
from tt_pipeline.ingestion.collector import SubjectCollector, open_collector
from tt_pipeline.ingestion.report import CollectReport, DayReport, day_report
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.landing import PageEntry
from tt_pipeline.research_api import Page, identities
from tt_pipeline.vocabulary import AccountList, AccountStatus, StopReason

_PAST_DAY: Final = "a list shows the present alone: what was not observed on a day cannot be observed afterwards"
_REFUSALS: Final = {AccountStatus.NOT_FOUND, AccountStatus.PRIVATE, AccountStatus.REFUSED}


def collect_list(
    session: CollectionSession,
    account_list: AccountList,
    days: Sequence[date],
    *,
    again_since: datetime | None = None,
) -> CollectReport:
    """Land what is due of a list today; on earlier days only finish the observations that they left unfinished.

    Args:
        session: The open data dir and its client.
        account_list: The list to observe, of every observed account.
        days: UTC days of observation.
        again_since: Today observe once more every account that was not observed since then.
    """
    dataset = ACCOUNT_LISTS[account_list].dataset

    def work(tally: Tally) -> None:
        with session.zone.lease(dataset):
            coverage = session.coverage()
            accounts = coverage.account_lists
            for day in days:
                pending = accounts.to_observe(account_list, day, again_since=again_since)
                if pending:
                    coverage.check_readable(asset_of(account_list))
                    _observe(session, account_list, day, pending, tally)

    def state() -> list[DayReport]:
        accounts = session.coverage().account_lists
        return [_list_report(accounts, account_list, day) for day in days]

    return carry_out(session, asset_of(account_list), dataset, work=work, state=state)


def _observe(
    session: CollectionSession,
    account_list: AccountList,
    day: date,
    pending: Sequence[PendingObservation],
    tally: Tally,
) -> None:
    with open_collector(session, ACCOUNT_LISTS[account_list].dataset, day, tally) as collector:
        collector.each(pending, lambda observation: _observe_one(collector, account_list, observation))


def _observe_one(collector: SubjectCollector, account_list: AccountList, observation: PendingObservation) -> None:
    target = observation.target

    def land(page: Page) -> None:
        if (
            target.playlist_id and not page.request
        ):  # an end marker has no request, by which the index tells playlists apart
            page = replace(page, request={"playlist_id": target.playlist_id})
        collector.land(target.username, observation.look, page)

    collector.collect(lambda: _missing_pages(collector, account_list, observation), land)


def _missing_pages(
    collector: SubjectCollector, account_list: AccountList, observation: PendingObservation
) -> Iterable[Page]:
    """The pages that have not landed, up to the study's cap."""
    rules, begun, target = collector.session.study.accounts, observation.begun, observation.target
    cap, landed = rules.max_per_list if rules else 0, begun.records if begun else 0
    if landed >= cap:  # the study's cap was lowered since then: what has landed is enough
        return [collector.end_marker(StopReason.LIST_CAP)]
    subject, cursor = target.playlist_id or target.username, begun.cursor if begun else None
    return _capped(collector.api.list_pages(account_list, subject, resume_cursor=cursor), cap - landed)


def _capped(pages: Iterator[Page], most: int) -> Iterator[Page]:
    """Pages until so many different records came: records of one second come twice where two pages meet."""
    seen: set[object] = set()
    for page in pages:
        seen |= identities(page)
        if page.ends is None and len(seen) >= most:
            yield replace(page, ends=StopReason.LIST_CAP)
            return
        yield page


def _list_report(accounts: AccountListCoverage, account_list: AccountList, day: date) -> DayReport:
    looks = accounts.observed_on(account_list, day)
    missing = len(accounts.to_observe(account_list, day))
    if not looks and not missing:
        return _unobserved_day(day, is_past=day < accounts.today)
    statuses = [look_status(look) for look in looks]
    return day_report(
        day,
        missing=missing,
        failed=statuses.count(AccountStatus.FAILED),
        why_videos_may_follow=None,
        rows=sum(look.records for look in looks),
        facts=_facts(looks, statuses, missing),
    )


def _facts(looks: Sequence[PageEntry], statuses: Sequence[AccountStatus], missing: int) -> dict[str, int | str]:
    return {
        "accounts": len({look.subject.split()[0] for look in looks}),
        "lists_missing": missing,
        "lists_failed": statuses.count(AccountStatus.FAILED),
        "lists_refused": sum(status in _REFUSALS for status in statuses),
    }


def _unobserved_day(day: date, *, is_past: bool) -> DayReport:
    """A day without an observation: final once it has passed; today nothing is due."""
    status = "not_observed" if is_past else "not_due"
    return DayReport(
        day=day,
        status=status,
        has_final_status=True,
        is_complete=not is_past,
        rows=0,
        facts={"why": _PAST_DAY} if is_past else {},
    )
