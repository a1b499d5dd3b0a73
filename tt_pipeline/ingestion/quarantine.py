"""What has landed and cannot be read: pages that the warehouse rejected, and lines of files that were set aside.

Their bytes stay where they are. A row is open until the same was bought again and read, whatever becomes of the study
meanwhile; what the study no longer asks for is given up, and stays open. A page that a later version can read is no
longer told.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from tt_pipeline.coverage.account_lists import asset_of
from tt_pipeline.coverage.due import needs_request
from tt_pipeline.coverage.search_days import in_range, is_complete
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.coverage.windows import Window
from tt_pipeline.landing import PageEntry, UnreadPage, load_id_of_aside, problems_set_aside
from tt_pipeline.vocabulary import AccountList, Dataset, StopReason

_WHOLE: Final = frozenset({StopReason.COMPLETE, StopReason.COMMENT_CAP, StopReason.LIST_CAP, StopReason.REFUSED})
_ASSETS: Final = {
    Dataset.COMMENTS: "comments",
    Dataset.REPLIES: "comments",
    Dataset.USERS: "users",
    **{Dataset(each.value): asset_of(each) for each in AccountList},
}


def quarantine(held: StudyCoverage, root: Path) -> Iterator[dict[str, Any]]:
    """Rows of `ops.quarantine`.

    Args:
        held: Says what was bought again, and what the study asks for.
        root: The landing folder.
    """
    again = _Again(held)
    for page in held.index.unread():
        yield _page_row(root, page) | again.of_page(page)
    for problem in problems_set_aside(root):
        load_id = load_id_of_aside(root, problem.file)
        yield {
            "file": problem.file.relative_to(root).as_posix(),
            "line": problem.line or 0,
            **_of_load(load_id),
            "reason": problem.problem,
            **again.of_load(load_id),
        }


def _page_row(root: Path, page: UnreadPage) -> dict[str, Any]:
    return {
        "file": page.path.relative_to(root).as_posix(),
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
    """What the name of a load tells: not even its envelopes may be readable."""
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
    """What was bought again since, and what the study still asks for."""

    held: StudyCoverage

    def of_page(self, page: UnreadPage) -> dict[str, bool]:
        """Of a page that landed as it is."""
        if page.dataset is Dataset.VIDEOS:
            window = Window(first_day=page.first_day, last_day=page.last_day)
            return self._of_days(str(page.fingerprint), page.look, window)
        looks = self._looks[page.dataset, str(page.subject)]
        was_read = any(look.look > page.look and look.ends in _WHOLE and not look.unread for look in looks)
        return _state(is_open=not was_read, is_asked=self._asks_about(page))

    def of_load(self, load_id: str) -> dict[str, bool]:
        """Of a file that was set aside."""
        dataset = Dataset(load_id.split("/", maxsplit=1)[0])
        if dataset is Dataset.VIDEOS:
            fingerprint, (look, *_) = load_id.split("/")[2], re.findall(r"\.look-(\d+)", load_id)
            return self._of_days(fingerprint, int(look), _window(load_id))
        # Its bad lines do not say whom they were about: they miss while anything of their days does.
        assets, window = [_ASSETS[dataset]] if dataset in _ASSETS else [], _window(load_id)
        return _state(
            is_open=needs_request(self._if_wanted, assets, window), is_asked=needs_request(self.held, assets, window)
        )

    def _of_days(self, fingerprint: str, look: int, window: Window) -> dict[str, bool]:
        """Of a look at a window, whose bad page may have held videos of any of its days."""
        queries = self.held.study.queries
        parts = [part for part in queries if part.fingerprint.startswith(fingerprint)]
        draws = max((part.draws for part in parts), default=1)
        missing = [day for day in window.days if not self._was_read(fingerprint, look, day, draws)]
        is_asked = any(in_range(part, day) for part in parts for day in missing)
        return _state(is_open=bool(missing), is_asked=is_asked)

    def _was_read(self, fingerprint: str, look: int, day: date, draws: int) -> bool:
        """Whether the query was asked for the day to its end and read: by this look after all, or as often since."""
        whole = [
            window.look
            for window in self.held.landed.windows
            if window.fingerprint.startswith(fingerprint) and window.covers(day)
            if is_complete(window) and not window.unread
        ]
        return look in whole or sum(later > look for later in whole) >= draws

    def _asks_about(self, page: UnreadPage) -> bool:
        """Whether the study still wants this of the video or account."""
        study, subject = self.held.study, str(page.subject)
        videos = self.held.landed.videos_by_day.get(page.first_day, [])
        if page.dataset is Dataset.COMMENTS:
            return study.comments.wanted and subject in {str(video.video_id) for video in videos}
        if page.dataset is Dataset.REPLIES:  # by its comment
            return study.comments.wanted and study.comments.replies and bool(videos)
        if page.dataset is Dataset.USERS:
            return study.users.wanted and subject in self.held.profiles.named(page.first_day)
        accounts, account_list = self.held.account_lists, AccountList(page.dataset.value)
        observed = accounts.targets(account_list) if account_list in accounts.lists else []
        return subject in {target.subject for target in observed}

    @cached_property
    def _looks(self) -> dict[tuple[Dataset, str], list[PageEntry]]:
        """Every look at the subjects of datasets with pages that cannot be read."""
        found: dict[tuple[Dataset, str], list[PageEntry]] = defaultdict(list)
        for dataset in {page.dataset for page in self.held.index.unread()}:
            for look in self.held.index.looks(dataset):
                found[dataset, look.subject].append(look)
        return found

    @cached_property
    def _if_wanted(self) -> StudyCoverage:
        """The same, were the study still to want comments and profiles."""
        study = self.held.study
        comments, users = replace(study.comments, wanted=True), replace(study.users, wanted=True)
        return replace(self.held, study=replace(study, comments=comments, users=users))


def _state(*, is_open: bool, is_asked: bool) -> dict[str, bool]:
    return {"is_open": is_open, "is_given_up": is_open and not is_asked}


def _window(load_id: str) -> Window:
    days = [date.fromisoformat(day) for day in re.findall(r"\d{4}-\d{2}-\d{2}", load_id)]
    return Window(first_day=days[0], last_day=days[-1])
