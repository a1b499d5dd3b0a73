"""Reads the landed pages of a study from the landing index; each result is computed once and then kept.

The other modules of `coverage/` decide what the pages mean for a day, a video or an account. An object does not see
pages that land after it has read the index: make a new one.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tt_pipeline.codebook.datasets import ACCOUNT_LISTS
from tt_pipeline.codebook.limits import PAGE_SIZE
from tt_pipeline.coverage.read_by_day import LatestLooks, VideosByDay
from tt_pipeline.coverage.search_days import reached_end_or_cap
from tt_pipeline.landing import Index, PageEntry, Unreadable, VideoFacts, WindowEntry, window_named
from tt_pipeline.safe_files import original_name
from tt_pipeline.studies import Search, Study, StudyQuery
from tt_pipeline.vocabulary import ONCE, AccountList, Dataset, VideoId


def min_requests(slots: int) -> int:
    """The smallest number of requests that return this many slots: at least 1, also for an empty result."""
    return max(1, math.ceil(slots / PAGE_SIZE))


def index_of(study: Study, index: Index) -> Index:
    """The part of the index that belongs to a study: all but what one-off collections landed.

    A study that has itself a search with the reserved name keeps it, and `tt search` is refused in its folder.
    """
    return index if study.has_search(ONCE) else index.of_studies()


@dataclass(frozen=True)
class LandedStudy:
    """The landed pages of a study.

    Attributes:
        first_day: Videos and their comments before this day are left out.
        last_day: Videos and their comments after this day are left out.
    """

    study: Study
    index: Index
    first_day: date = date.min
    last_day: date = date.max

    @cached_property
    def windows(self) -> list[WindowEntry]:
        """All looks at all windows, of every search and every version of its query."""
        return self.index.windows()

    @cached_property
    def listings(self) -> LatestLooks:
        """The latest listing of each video's comments, by video id."""
        return self._latest_looks(Dataset.COMMENTS, self.first_day, self.last_day)

    @cached_property
    def replies(self) -> LatestLooks:
        """The latest look at replies, with keys of two kinds.

        Under a comment's id is the listing of its replies. Under a video's id is an entry without comments, which says
        that the replies to all comments of the video have been requested.
        """
        return self._latest_looks(Dataset.REPLIES, self.first_day, self.last_day)

    @cached_property
    def profiles(self) -> LatestLooks:
        """The latest look at each profile, by username."""
        return self._latest_looks(Dataset.USERS, date.min, date.max)

    def _latest_looks(self, dataset: Dataset, first_day: date, last_day: date) -> LatestLooks:
        index = self.index
        return LatestLooks(
            read=lambda subjects: index.some_subjects(dataset, subjects),
            read_all=lambda: index.subjects(dataset, first_day, last_day),
        )

    @cached_property
    def canaries(self) -> list[PageEntry]:
        """All canary requests."""
        return list(self.index.looks(Dataset.CANARY))

    @property
    def has_read_nothing(self) -> bool:
        """Whether no video, listing and profile was read yet."""
        return all(each.has_read_nothing for each in (self.videos_by_day, self.listings, self.replies, self.profiles))

    def release(self, day: date) -> None:
        """Forget the videos of a day and the looks at their comments, to save memory."""
        video_ids = [str(video.video_id) for video in self.videos_by_day.release(day)]
        self.listings.release(video_ids)
        self.replies.release(video_ids)

    @cached_property
    def videos_by_day(self) -> VideosByDay:
        """The videos that the study's queries found, each once a day."""
        fingerprints = self.study.fingerprints
        days = {
            day
            for window in self.windows
            if window.fingerprint in fingerprints
            for day in window.by_day
            if window.covers(day) and self.first_day <= day <= self.last_day
        }
        return VideosByDay(
            days, lambda day: self.index.found_videos(fingerprints, day, day), on_read=self._expect_looks
        )

    def _expect_looks(self, videos: Sequence[VideoFacts]) -> None:
        """What is known about videos of a day is read together when the first of it is needed."""
        video_ids = [str(video.video_id) for video in videos]
        self.listings.expect(video_ids)
        if self.study.comments.replies:
            self.replies.expect(video_ids)
        if self.study.users.wanted:
            self.profiles.expect(name for video in videos for name in (video.username, *video.mentions) if name)

    def search_of(self, day: date) -> dict[VideoId, str]:
        """For each video of a day, the search that found it; if several did, the first in the study's order."""
        names = {query.fingerprint: query.name for query in reversed(self.study.queries)}
        order = {search.name: number for number, search in enumerate(self.study.searches)}
        found = self.index.found_by(list(names), day, day)
        return {
            video_id: min((names[by] for by in queries), key=order.__getitem__) for video_id, queries in found.items()
        }

    def looks_of_all_versions(self, query: StudyQuery) -> list[WindowEntry]:
        """Looks of this query under any search name, and looks of earlier queries of the same search."""
        return self._windows_about.get((query.name, query.fingerprint), [])

    def looks_of(self, search: Search) -> list[WindowEntry]:
        """Looks with the present queries of the search, oldest first."""
        current = (window for query in search.queries for window in self.windows_with(query.fingerprint))
        return sorted(current, key=lambda window: window.first_at)

    def windows_with(self, fingerprint: str) -> list[WindowEntry]:
        """Looks with this query, under whatever name it was collected."""
        return self._windows_by_query.get(fingerprint, [])

    def older_looks(self, search: Search) -> list[WindowEntry]:
        """Looks with earlier queries of the search, oldest first."""
        current = {query.fingerprint for query in search.queries}
        older = (window for window in self._windows_by_name[search.name] if window.fingerprint not in current)
        return sorted(older, key=lambda window: window.first_at)

    @cached_property
    def _windows_by_query(self) -> dict[str, list[WindowEntry]]:
        by_query: dict[str, list[WindowEntry]] = defaultdict(list)
        for window in self.windows:
            by_query[window.fingerprint].append(window)
        return by_query

    @cached_property
    def _windows_by_name(self) -> dict[str, list[WindowEntry]]:
        by_name: dict[str, list[WindowEntry]] = defaultdict(list)
        for window in self.windows:
            by_name[window.search].append(window)
        return by_name

    @cached_property
    def _windows_about(self) -> dict[tuple[str, str], list[WindowEntry]]:
        found: dict[tuple[str, str], list[WindowEntry]] = {}
        for search in self.study.searches:
            current = {query.fingerprint for query in search.queries}
            earlier = [window for window in self._windows_by_name[search.name] if window.fingerprint not in current]
            for query in search.queries:
                found[query.name, query.fingerprint] = self.windows_with(query.fingerprint) + earlier
        return found

    def unreadable(self, dataset: Dataset, day: date | None = None, fingerprint: str = "") -> Unreadable | None:
        """The first landed file or folder that cannot be read and may have pages of these; None if there is none."""
        return next((each for each in self.index.unreadable if each.may_contain(dataset, day, fingerprint)), None)

    def has_damaged_window(self, query: StudyQuery, day: date) -> bool:
        """Whether a damaged file lost pages of this day and the pages were not collected again."""
        queries = query.queries if isinstance(query, Search) else (query,)
        prefixes = {each.fingerprint[:8] for each in queries}
        return any(prefix in prefixes and first <= day <= last for prefix, first, last in self._damaged_windows)

    @cached_property
    def _damaged_windows(self) -> list[tuple[str, date, date]]:
        """For each damaged window: first 8 digits of the query's fingerprint, first day, last day."""
        ended = {window.load_id for window in self.windows if window.ends}
        loads = (file.load_id for file in self.index.files() if file.dataset is Dataset.VIDEOS)
        return [
            window_named(load_id) for load_id in loads if load_id not in ended and original_name(load_id) != load_id
        ]

    def list_observations(self, account_list: AccountList) -> Iterator[PageEntry]:
        """All observations of this list, of all accounts."""
        return self.index.looks(ACCOUNT_LISTS[account_list].dataset)

    def pages_needed(self) -> int:
        """The lower bound of all that has landed: the smallest number of requests that could have returned it."""
        windows = sum(min_requests(window.slots) for window in self.windows if reached_end_or_cap(window))
        listings = sum(min_requests(listing.slots) for listing in self.listings.values())
        # That all replies of a video landed is noted under the video's id and costs nothing.
        threads = sum(min_requests(look.slots) for look in self.replies.values() if look.subject not in self.listings)
        lists = sum(min_requests(look.slots) for each in AccountList for look in self.list_observations(each))
        return windows + listings + threads + lists + len(self.profiles)
