"""Collect profiles, comments and lists of the accounts and videos that somebody names, once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import islice
from typing import Any

from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.ids import upload_date
from tt_pipeline.ingestion.bookkeeping import FailureLimit, Tally, carry_out
from tt_pipeline.ingestion.collector import SubjectCollector, open_collector
from tt_pipeline.ingestion.once.extent import Extent
from tt_pipeline.ingestion.report import CollectReport, DayReport
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.landing import Index, PageEntry, records_of
from tt_pipeline.research_api import CursorKind, Page, ResearchApi, further_keys
from tt_pipeline.vocabulary import ONCE, AccountList, Dataset, StopReason

_GIVEN_UP = frozenset({StopReason.UNAVAILABLE, StopReason.CURSOR_MISSING, StopReason.CURSOR_STUCK})
"""Ends after which running the command again requests the subject again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Accounts, or videos, of which one dataset is requested.

    Attributes:
        names: Handles without @, or ids of videos as text; each once.
    """

    dataset: Dataset
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pending:
    """A subject whose pages are missing.

    Attributes:
        begun: The look that continues; None for a new look.
        pages: The most pages to request.
    """

    subject: str
    look: int
    pages: int
    begun: PageEntry | None = None

    @property
    def cursor(self) -> int | None:
        return self.begun.cursor if self.begun else None


def looks_of(subjects: Subjects, index: Index) -> dict[str, PageEntry]:
    """The latest one-off look at each subject that has one."""
    landed = index.of_once().subjects(subjects.dataset)
    return {name: landed[name] for name in subjects.names if name in landed}


def pages_of_subjects(subjects: Subjects, extent: Extent, index: Index | None) -> int:
    """The most pages that `collect_subjects` would request, each for one request unless the server fails.

    Args:
        subjects: The accounts or videos.
        extent: How many pages of each.
        index: What has landed; None if nothing has.
    """
    return sum(pending.pages for pending in _pending(subjects, extent, index))


def collect_subjects(session: CollectionSession, subjects: Subjects, extent: Extent) -> CollectReport:
    """Land the missing pages about these accounts or videos, up to the extent of each; what has landed costs nothing.

    "Not found" and "private" land too. The report has one entry, for today: `complete`, or `capped` if more follows.
    """
    today = session.clock.now().date()

    def work(tally: Tally) -> None:
        failures = FailureLimit()
        for folder, together in _by_folder(subjects).items():
            with session.zone.lease(subjects.dataset, *folder):
                pending = _pending(together, extent, session.zone.index)
                for day, of_day in _by_day(pending, together.dataset, today).items():
                    with open_collector(session, together.dataset, day, tally, failures=failures, search=ONCE) as to:
                        to.each(of_day, partial(_collect_one, to))

    def state() -> list[DayReport]:
        looks = looks_of(subjects, session.zone.index)
        is_complete = len(looks) == len(subjects.names) and all(look.ends for look in looks.values())
        status = "complete" if is_complete else "capped"
        rows = sum(look.records for look in looks.values())
        return [DayReport(day=today, status=status, has_final_status=True, is_complete=is_complete, rows=rows)]

    asset = DATASETS[subjects.dataset].asset
    return carry_out(session, asset, subjects.dataset, search=ONCE, work=work, state=state)


def _pending(subjects: Subjects, extent: Extent, index: Index | None) -> list[_Pending]:
    if DATASETS[subjects.dataset].endpoint.cursor is CursorKind.NONE:  # there is one page
        extent = replace(extent, max_pages=1)
    looks = looks_of(subjects, index) if index else {}
    return [
        pending
        for name in subjects.names
        if (pending := _of_subject(subjects.dataset, name, looks.get(name), extent, index)) and pending.pages
    ]


def _of_subject(
    dataset: Dataset, name: str, look: PageEntry | None, extent: Extent, index: Index | None
) -> _Pending | None:
    if look is None or extent.again or look.ends in _GIVEN_UP:
        last = index.last_look(dataset, name) if index else 0
        return _Pending(name, last + 1, extent.max_pages)
    return None if look.ends else _Pending(name, look.look, extent.left(look.pages), look)


def _by_folder(subjects: Subjects) -> dict[tuple[str, ...], Subjects]:
    """The subjects by the folder whose lease a collection of a study takes: of comments the day of the video."""
    if subjects.dataset is not Dataset.COMMENTS:
        return {(): subjects}
    days: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in subjects.names:
        days[(upload_date(int(name)).isoformat(),)].append(name)
    return {day: replace(subjects, names=tuple(names)) for day, names in days.items()}


def _by_day(pending: Sequence[_Pending], dataset: Dataset, today: date) -> dict[date, list[_Pending]]:
    """By the day under which the pages land: of comments that of the video, else that on which the look began."""
    days: dict[date, list[_Pending]] = defaultdict(list)
    for each in pending:
        begun_on = each.begun.day if each.begun else today
        days[upload_date(int(each.subject)) if dataset is Dataset.COMMENTS else begun_on].append(each)
    return dict(days)


def _collect_one(collector: SubjectCollector, pending: _Pending) -> None:
    def request() -> Iterator[Page]:
        return islice(_pages(collector.api, collector.dataset, pending), pending.pages)

    collector.collect(request, lambda page: collector.land(pending.subject, pending.look, page))


def _pages(api: ResearchApi, dataset: Dataset, pending: _Pending) -> Iterator[Page]:
    if dataset is Dataset.USERS:
        return iter([api.user_info(pending.subject)])
    if dataset is Dataset.COMMENTS:
        return api.comment_pages(int(pending.subject), resume_cursor=pending.cursor or 0)
    return api.list_pages(AccountList(dataset.value), pending.subject, resume_cursor=pending.cursor)


def subject_records(subjects: Subjects, index: Index) -> list[dict[str, Any]]:
    """The records of the latest look at each subject, in the order of the subjects."""
    looks, found = looks_of(subjects, index), defaultdict[str, list[dict[str, Any]]](list)
    endpoint = DATASETS[subjects.dataset].endpoint
    for file in index.of_once().files():
        for page in file.envelopes() if file.dataset is subjects.dataset else ():
            if page.subject in looks and page.look == looks[page.subject].look:
                further = dict.fromkeys(further_keys(endpoint), page.subject)
                found[page.subject] += [{**further, **record} for record in records_of(page)]
    return [record for name in subjects.names for record in found[name]]
