"""Observe a list of the study's accounts: followers, following, liked, pinned and reposted videos, playlists."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Final

from tt_pipeline.coverage.account_lists import Accounts, Step, Target, asset_of, bucket_of, look_status
from tt_pipeline.errors import ApiError
from tt_pipeline.ingestion.bookkeeping import FailureLimit, Tally, carry_out
from tt_pipeline.ingestion.envelopes import statement, subject_envelope, unavailable
from tt_pipeline.ingestion.in_flight import each_in_flight
from tt_pipeline.ingestion.report import CollectReport, DayReport, day_report
from tt_pipeline.ingestion.session import LANES, CollectionSession
from tt_pipeline.landing import LandingWriter, PageEntry, day_load_id
from tt_pipeline.research_api import JsonObject, Page, ResearchApi
from tt_pipeline.vocabulary import AccountList, AccountStatus, Dataset, StopReason

_Ask = Callable[[ResearchApi, Target, int | None], Iterator[Page]]

_ASK: Final[Mapping[AccountList, _Ask]] = {
    AccountList.FOLLOWERS: lambda api, of, cursor: api.follower_pages(of.username, resume_cursor=cursor),
    AccountList.FOLLOWING: lambda api, of, cursor: api.following_pages(of.username, resume_cursor=cursor),
    AccountList.LIKED: lambda api, of, cursor: api.liked_pages(of.username, resume_cursor=cursor),
    AccountList.PINNED: lambda api, of, _: iter([api.pinned_videos(of.username)]),
    AccountList.REPOSTED: lambda api, of, cursor: api.reposted_pages(of.username, resume_cursor=cursor),
    AccountList.PLAYLISTS: lambda api, of, cursor: api.playlist_pages(of.playlist_id or 0, resume_cursor=cursor or 0),
}
_ENDPOINTS: Final[Mapping[AccountList, str]] = {
    AccountList.FOLLOWERS: "followers",
    AccountList.FOLLOWING: "following",
    AccountList.LIKED: "liked_videos",
    AccountList.PINNED: "pinned_videos",
    AccountList.REPOSTED: "reposted_videos",
    AccountList.PLAYLISTS: "playlist_info",
}
_PASSED: Final = "a list shows the present alone: what was not observed on a day cannot be observed afterwards"
_REFUSALS: Final = {AccountStatus.NOT_FOUND, AccountStatus.PRIVATE, AccountStatus.REFUSED}


def collect_list(
    session: CollectionSession, account_list: AccountList, days: Sequence[date], *, again_since: datetime | None = None
) -> CollectReport:
    """Land what is due of a list today, and finish what earlier days have left unfinished; they begin nothing new.

    Args:
        session: What it works with.
        account_list: Of which all observed accounts are asked.
        days: UTC days of observation.
        again_since: Today observe again everybody who was not observed since then.
    """
    dataset = Dataset(account_list.value)

    def work(tally: Tally) -> None:
        with session.zone.lease(dataset):
            accounts = session.holdings().accounts
            for day in days:
                steps = accounts.to_observe(account_list, day, again_since=again_since)
                _observe(session, _Round(account_list, day), steps, tally)

    def state() -> list[DayReport]:
        accounts = session.holdings().accounts
        return [_state(accounts, account_list, day) for day in days]

    return carry_out(session, asset_of(account_list), dataset, work=work, state=state)


@dataclass(frozen=True, slots=True)
class _Round:
    """One list of all accounts, on one day."""

    account_list: AccountList
    day: date

    @property
    def dataset(self) -> Dataset:
        return Dataset(self.account_list.value)


def _observe(session: CollectionSession, this: _Round, steps: Sequence[Step], tally: Tally) -> None:
    if not steps:
        return
    with session.zone.writing(day_load_id(this.dataset, this.day, session.run_id), packs=True) as writer:
        buying = partial(_buy, session, writer, tally, FailureLimit(), this)
        each_in_flight(steps, buying, at_most=session.in_flight, lanes=LANES)


def _buy(
    session: CollectionSession, writer: LandingWriter, tally: Tally, patience: FailureLimit, this: _Round, step: Step
) -> None:
    """Land a list's pages; where the server fails on this account alone, that is remembered instead."""
    session.yield_to_daily_run()
    with tally.walk() as walk:
        try:
            for page in _pages(session, this, step):
                _land(session, writer, this, step, page)
                walk.count(page)
                patience.success()
        except ApiError as error:
            patience.failure(error)
            told = unavailable(error, _ENDPOINTS[this.account_list], session.clock.now())
            _land(session, writer, this, step, _named(told, step))


def _land(session: CollectionSession, writer: LandingWriter, this: _Round, step: Step, page: Page) -> None:
    envelope = subject_envelope(page, this.dataset, this.day, step.target.username, step.look)
    session.land(writer, envelope, f"{this.account_list} on {this.day}", bucket_of(asset_of(this.account_list)))


def _pages(session: CollectionSession, this: _Round, step: Step) -> Iterator[Page]:
    """The pages that are missing, up to the study's cap."""
    rules, held = session.study.accounts, step.begun
    cap, before = rules.max_per_list if rules else 0, held.records if held else 0
    if before >= cap:  # the study's cap was lowered meanwhile: what is held is all that is wanted
        told = statement(_ENDPOINTS[this.account_list], session.clock.now(), StopReason.LIST_CAP, status=200)
        return iter([_named(told, step)])
    api = session.api_for(this.dataset, day=this.day)
    return _capped(_ASK[this.account_list](api, step.target, held.cursor if held else None), cap - before)


def _named(told: Page, step: Step) -> Page:
    """A statement that says which playlist it is about; an account has several."""
    return replace(told, request={"playlist_id": step.target.playlist_id}) if step.target.playlist_id else told


def _capped(pages: Iterator[Page], most: int) -> Iterator[Page]:
    """Pages until so many different records were seen: those that share a second come twice where pages meet."""
    seen: set[object] = set()
    for page in pages:
        seen |= {_identity(record) for record in page.records}
        if page.ends is None and len(seen) >= most:
            yield replace(page, ends=StopReason.LIST_CAP)
            return
        yield page


def _identity(record: JsonObject) -> object:
    return record.get("id") or record.get("video_id") or record.get("username")


def _state(accounts: Accounts, account_list: AccountList, day: date) -> DayReport:
    looks = accounts.observed_on(account_list, day)
    missing = len(accounts.to_observe(account_list, day))
    if not looks and not missing:
        return _nothing_of(day, is_past=day < accounts.today)
    statuses = [look_status(look) for look in looks]
    return day_report(
        day,
        missing=missing,
        failed=statuses.count(AccountStatus.FAILED),
        unfinished_search=None,
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


def _nothing_of(day: date, *, is_past: bool) -> DayReport:
    """A day on which nothing was observed: final once it has passed; today nothing is due."""
    status = "not_observed" if is_past else "not_due"
    return DayReport(
        day=day,
        status=status,
        is_stated=True,
        is_complete=not is_past,
        rows=0,
        facts={"why": _PASSED} if is_past else {},
    )
