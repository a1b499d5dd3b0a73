"""Lists landed pages that cannot be read: pages that the warehouse rejected, and lines of damaged files.

Their bytes stay where they are. A row is open until its records are requested again and can be read; editing the study
does not close it. If the study no longer collects the records, the row is also marked as given up. A page that a later
version can read is not listed any more.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from tt_pipeline.codebook.datasets import DATASETS, OF_FOUND_VIDEOS
from tt_pipeline.coverage import StudyCoverage, Window, needs_request, query_includes, reached_end_or_cap
from tt_pipeline.landing import Location, PageEntry, UnreadPage
from tt_pipeline.vocabulary import AccountList, Dataset, StopReason

_WHOLE: Final = frozenset({StopReason.COMPLETE, StopReason.COMMENT_CAP, StopReason.LIST_CAP, StopReason.REFUSED})


def quarantine(coverage: StudyCoverage, damaged: Iterable[Location]) -> Iterator[dict[str, Any]]:
    """Rows of `ops.quarantine`.

    Args:
        coverage: Says which pages were collected again, and which the study still collects.
        damaged: Files that were renamed because they are damaged.
    """
    again = _Again(coverage)
    for page in coverage.index.unread():
        yield _page_row(page) | again.of_page(page)
    for file in damaged:
        for problem in file.problems():
            yield {
                "file": file.name,
                "line": problem.line or 0,
                **_of_load(file.load_id),
                "reason": problem.problem,
                **again.of_load(file.load_id),
            }


def _page_row(page: UnreadPage) -> dict[str, Any]:
    return {
        "file": page.location.name,
        "line": page.line,
        "dataset": page.dataset.value,
        "search": page.search,
        "subject": page.subject,
        "window_from_date": page.first_day,
        "window_to_date": page.last_day,
        "fetched_at": page.fetched_at,
        "log_id": page.log_id,
        "records": page.records,
        "reason": page.reason,
    }


def _of_load(load_id: str) -> dict[str, Any]:
    """The columns that follow from the name of a load, because its envelopes may be unreadable."""
    window = _window(load_id)
    dataset, search, *_ = load_id.split("/")
    return {
        "dataset": dataset,
        "search": search if dataset == Dataset.VIDEOS else None,
        "subject": None,
        "window_from_date": window.first_day,
        "window_to_date": window.last_day,
        **dict.fromkeys(("fetched_at", "log_id", "records")),
    }


@dataclass(frozen=True)
class _Again:
    """Decides whether a page was collected again, and whether the study still collects it."""

    coverage: StudyCoverage

    def of_page(self, page: UnreadPage) -> dict[str, bool]:
        """The state of a page that the warehouse rejected."""
        if page.dataset is Dataset.VIDEOS:
            window = Window(first_day=page.first_day, last_day=page.last_day)
            return self._of_days(str(page.fingerprint), page.look, window)
        looks = self._looks[page.dataset, str(page.subject)]
        # An answer that was not kept whole holds no records: the same look may have been completed after it.
        first = page.look + bool(page.records)
        was_read = any(look.look >= first and look.ends in _WHOLE and not look.unread for look in looks)
        return _state(is_open=not was_read, is_asked=self._is_wanted(page))

    def of_load(self, load_id: str) -> dict[str, bool]:
        """The state of a line of a damaged file."""
        dataset = Dataset(load_id.split("/", maxsplit=1)[0])
        if dataset is Dataset.VIDEOS:
            fingerprint, (look, *_) = load_id.split("/")[2], re.findall(r"\.look-(\d+)", load_id)
            return self._of_days(fingerprint, int(look), _window(load_id))
        # A damaged line does not say which subject it was about: its row is open while anything of its days is missing.
        asset, window = DATASETS[dataset].asset, _window(load_id)
        assets = [asset] if asset else []  # nothing collects canaries by themselves
        return _state(
            is_open=needs_request(self._if_wanted, assets, window),
            is_asked=needs_request(self.coverage, assets, window),
        )

    def _of_days(self, fingerprint: str, look: int, window: Window) -> dict[str, bool]:
        """The state of a page of a window, which may have contained videos of any of its days."""
        queries = self.coverage.study.queries
        parts = [part for part in queries if part.fingerprint.startswith(fingerprint)]
        draws = max((part.draws for part in parts), default=1)
        missing = [day for day in window.days if not self._was_read(fingerprint, look, day, draws)]
        is_asked = any(query_includes(part, day) for part in parts for day in missing)
        return _state(is_open=bool(missing), is_asked=is_asked)

    def _was_read(self, fingerprint: str, look: int, day: date, draws: int) -> bool:
        """Whether the day has a complete readable look: this one, or as many later ones as the query has draws."""
        whole = [
            window.look
            for window in self.coverage.landed.windows
            if window.fingerprint.startswith(fingerprint) and window.covers(day)
            if reached_end_or_cap(window) and not window.unread
        ]
        return look in whole or sum(later > look for later in whole) >= draws

    def _is_wanted(self, page: UnreadPage) -> bool:
        """Whether the study still wants this page of the video or account."""
        study, subject = self.coverage.study, str(page.subject)
        if page.dataset is Dataset.REPLIES:  # by its comment
            return study.comments.replies and bool(self.coverage.comments.subjects(page.first_day))
        if page.dataset in OF_FOUND_VIDEOS:
            return subject in self.coverage.of_found_videos(page.dataset).subjects(page.first_day)
        accounts, account_list = self.coverage.account_lists, AccountList(page.dataset.value)
        observed = accounts.current_targets(account_list) if account_list in accounts.lists else []
        return subject in {target.subject for target in observed}

    @cached_property
    def _looks(self) -> dict[tuple[Dataset, str], list[PageEntry]]:
        """All looks, by subject, of the datasets that have unreadable pages."""
        found: dict[tuple[Dataset, str], list[PageEntry]] = defaultdict(list)
        for dataset in {page.dataset for page in self.coverage.index.unread()}:
            for look in self.coverage.index.looks(dataset):
                found[dataset, look.subject].append(look)
        return found

    @cached_property
    def _if_wanted(self) -> StudyCoverage:
        """Coverage as if comments and profiles were enabled."""
        study = self.coverage.study
        comments, users = replace(study.comments, wanted=True), replace(study.users, wanted=True)
        return replace(self.coverage, study=replace(study, comments=comments, users=users))


def _state(*, is_open: bool, is_asked: bool) -> dict[str, bool]:
    return {"is_open": is_open, "is_given_up": is_open and not is_asked}


def _window(load_id: str) -> Window:
    days = [date.fromisoformat(day) for day in re.findall(r"\d{4}-\d{2}-\d{2}", load_id)]
    return Window(first_day=days[0], last_day=days[-1])
