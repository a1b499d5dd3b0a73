"""What is held of a study at an instant: every question that collecting, planning and telling ask of the landing zone.

Nothing here is sent or written. Holdings are a look, not a live view: after landing more, look again.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from tt_pipeline.coverage.account_lists import Accounts
from tt_pipeline.coverage.comments import CommentCoverage
from tt_pipeline.coverage.profiles import ProfileCoverage
from tt_pipeline.coverage.search_days import (
    DayCoverage,
    as_one,
    day_coverage,
    in_range,
    is_complete,
    windows_of,
)
from tt_pipeline.coverage.suspicion import OTHER, TEXT, doubt, is_near, is_silent, kind_of
from tt_pipeline.coverage.windows import PAGE_SLOTS, days_between
from tt_pipeline.landing import Index, PageEntry, VideoFacts, WindowEntry, window_asked
from tt_pipeline.safe_files import original_name
from tt_pipeline.studies import Search, Study
from tt_pipeline.vocabulary import AccountList, Dataset, SearchStatus, VideoId

_UNKNOWN = frozenset({SearchStatus.PAUSED, SearchStatus.NEVER_ASKED, SearchStatus.NOT_DUE, SearchStatus.OUTDATED})


_LACKS = frozenset({SearchStatus.PAUSED, SearchStatus.NEVER_ASKED})
_DAMAGED = "a landed page was damaged; `tt collect` asks for it again"

_Key = tuple[str, str]


def _key(search: Search) -> _Key:
    return search.name, search.fingerprint


def _within(search: Search, days: Sequence[date]) -> list[date]:
    return [day for day in days if in_range(search, day)]


def pages_for(slots: int) -> int:
    """Requests that so many slots cost at least; nothing found is one page as well."""
    return max(1, math.ceil(slots / PAGE_SLOTS))


@dataclass(frozen=True)
class Holdings:
    """A study and what has landed of it.

    Attributes:
        first_day: Videos and their comments before it are not looked at.
        last_day: Nor those after it.
    """

    study: Study
    index: Index
    now: datetime
    first_day: date = date.min
    last_day: date = date.max

    @cached_property
    def windows(self) -> list[WindowEntry]:
        """Every look at every window, of any search."""
        return self.index.windows()

    @cached_property
    def listings(self) -> dict[str, PageEntry]:
        """The latest listing of each video's comments, by video id."""
        return self.index.subjects(Dataset.COMMENTS, self.first_day, self.last_day)

    @cached_property
    def profiles(self) -> dict[str, PageEntry]:
        """The latest look at each creator, by username."""
        return self.index.subjects(Dataset.USERS)

    @cached_property
    def videos_by_day(self) -> dict[date, list[VideoFacts]]:
        """The videos that any configured search found, each once, by day; those with most comments first."""
        fingerprints = {asked.fingerprint for search in self.study.searches for asked in search.asked}
        by_day: dict[date, list[VideoFacts]] = defaultdict(list)
        for video in self.index.found_videos(fingerprints, self.first_day, self.last_day):
            by_day[video.day].append(video)
        for videos in by_day.values():
            videos.sort(key=lambda video: (-(video.comment_count or 0), video.video_id))
        return by_day

    def coverage(self, search: Search, days: Sequence[date]) -> list[DayCoverage]:
        """What is held of a search on each of these days."""
        if search.parts:
            of_parts = [{held.day: held for held in self.coverage(part, _within(part, days))} for part in search.parts]
            return [as_one(search, day, [held[day] for held in of_parts if day in held]) for day in days]
        looks, windows = self.study.looks, self._windows_of[_key(search)]
        held = (day_coverage(search, day, windows, now=self.now, looks=looks) for day in days)
        return [self._with_doubt(search, day) for day in held]

    def told(self, search: Search, days: Sequence[date]) -> list[DayCoverage]:
        """The same for who reads it: a day that damage took pages from was asked, and does not wait for quota."""
        return [self._with_damage(search, held) for held in self.coverage(search, days)]

    def _with_damage(self, search: Search, held: DayCoverage) -> DayCoverage:
        asked = {part.fingerprint[:8] for part in search.asked}
        is_damaged = held.status in _LACKS and any(
            fingerprint in asked and first_day <= held.day <= last_day
            for fingerprint, first_day, last_day in self._damaged
        )
        return replace(held, status=SearchStatus.PARTIAL, doubt=_DAMAGED) if is_damaged else held

    @cached_property
    def _damaged(self) -> list[tuple[str, date, date]]:
        """Windows of which a file was set aside and whose rest was not asked for again: query and days."""
        whole = {window.load_id for window in self.windows if window.ends}
        mended = (file.load_id for file in self.index.files() if file.dataset is Dataset.VIDEOS)
        return [
            window_asked(load_id) for load_id in mended if load_id not in whole and original_name(load_id) != load_id
        ]

    def _with_doubt(self, search: Search, held: DayCoverage) -> DayCoverage:
        """A complete day without videos is suspicious where something contradicts it."""
        if held.status is not SearchStatus.COMPLETE or held.records:
            return held
        *earlier, last = [window for window in held.windows if is_complete(window)]
        why = doubt(
            held.day,
            self._found_by_day[_key(search)],
            [window.by_day.get(held.day, 0) for window in earlier],
            is_answering=not is_silent(last) or is_near(last.first_at, self._full_answers[kind_of(search.query)]),
        )
        return replace(held, status=SearchStatus.SUSPICIOUS, doubt=why) if why else held

    def unproven(self, search: Search, days: Sequence[date]) -> WindowEntry | None:
        """A window in which the search found nothing at all, and no canary was asked whether anybody was answering."""
        asked = sorted(canary.first_at for canary in self._canaries if canary.subject.startswith(kind_of(search.query)))
        silent = [day.windows[-1] for day in self.coverage(search, days) if day.doubt and is_silent(day.windows[-1])]
        return next((window for window in silent if not is_near(window.first_at, asked)), None)

    @cached_property
    def _canaries(self) -> list[PageEntry]:
        return list(self.index.looks(Dataset.CANARY))

    @cached_property
    def _full_answers(self) -> dict[str, list[datetime]]:
        """When the server gave results, by kind of query, in order."""
        full: dict[str, list[datetime]] = {TEXT: [], OTHER: []}
        for search in self._asked:
            windows = self._windows_of[_key(search)]
            full[kind_of(search.query)] += [at for w in windows if w.slots for at in (w.first_at, w.last_at)]
        for canary in self._canaries:
            if canary.slots:
                full[canary.subject.split()[0]].append(canary.first_at)
        return {kind: sorted(instants) for kind, instants in full.items()}

    @cached_property
    def _found_by_day(self) -> dict[_Key, dict[date, int]]:
        """Videos of each day in the latest whole look at it, by search."""
        found: dict[_Key, dict[date, int]] = {_key(search): {} for search in self._asked}
        for search in self._asked:
            for window in filter(is_complete, windows_of(search, self._windows_of[_key(search)])):
                days = days_between(window.first_day, window.last_day)
                found[_key(search)] |= {day: window.by_day.get(day, 0) for day in days}
        return found

    @property
    def _asked(self) -> list[Search]:
        return [asked for search in self.study.searches for asked in search.asked]

    @cached_property
    def _windows_of(self) -> dict[_Key, list[WindowEntry]]:
        """Looks that say something of a search: by its present query under whatever name, or by an earlier query."""
        by_name: dict[str, list[WindowEntry]] = defaultdict(list)
        by_query: dict[str, list[WindowEntry]] = defaultdict(list)
        for window in self.windows:
            by_name[window.search].append(window)
            by_query[window.fingerprint].append(window)
        found: dict[_Key, list[WindowEntry]] = {}
        for search in self.study.searches:
            current = {asked.fingerprint for asked in search.asked}
            earlier = [window for window in by_name[search.name] if window.fingerprint not in current]
            found |= {_key(asked): by_query[asked.fingerprint] + earlier for asked in search.asked}
        return found

    def slots_per_day(self, search: Search) -> float | None:
        """How many places of the result a day of the search has on average; None before the first complete window."""
        windows = [window for asked in search.asked for window in windows_of(asked, self._windows_of[_key(asked)])]
        done = [window for window in windows if is_complete(window)]
        days = sum((window.last_day - window.first_day).days + 1 for window in done)
        return sum(window.slots for window in done) / days if days else None

    def old_enough(self, search: Search) -> list[DayCoverage]:
        """What is held of the search's days that have reached the age of the first look."""
        youngest = self.now.date() - timedelta(days=self.study.looks[0])
        last_day = min(search.last_day or youngest, youngest)
        return self.told(search, days_between(search.first_day, last_day)) if search.first_day <= last_day else []

    def unfinished_search(self, day: date) -> str | None:
        """A search whose videos of the day are not all known yet; None when every search has stated what it has."""
        for search in self.study.searches:
            (held,) = self.coverage(search, [day])
            if held.status in _UNKNOWN:
                return f"videos/{search.name} is {held.status.value}"
        return None

    @cached_property
    def comments(self) -> CommentCoverage:
        """What is held of the comments of found videos."""
        rules = self.study.comments
        replies = self.index.subjects(Dataset.REPLIES, self.first_day, self.last_day) if rules.replies else {}
        search_of = self.search_of if rules.sample else {}
        return CommentCoverage(rules, self.now, self.videos_by_day, self.listings, replies, search_of)

    @cached_property
    def people(self) -> ProfileCoverage:
        """What is held of the profiles of creators, and of those they mention."""
        return ProfileCoverage(self.study.users, self.now, self.videos_by_day, self.profiles)

    @cached_property
    def accounts(self) -> Accounts:
        """What is held of the lists of observed accounts."""
        return Accounts(self.study, self.index, self.now)

    @property
    def search_of(self) -> dict[VideoId, str]:
        """The first search, in the study's order, that found each video."""
        names = {part.fingerprint: search.name for search in reversed(self.study.searches) for part in search.asked}
        order = {search.name: number for number, search in enumerate(self.study.searches)}
        found = self.index.found_by(list(names), self.first_day, self.last_day)
        return {
            video_id: min((names[by] for by in queries), key=order.__getitem__) for video_id, queries in found.items()
        }

    def pages_needed(self) -> int:
        """Requests that all that is held costs at least: full pages, each listing and list, a look per creator."""
        windows = sum(pages_for(window.slots) for window in self.windows if is_complete(window))
        listings = sum(pages_for(listing.slots) for listing in self.listings.values())
        # That a video's replies are all there is stated under its id, and costs nothing.
        replies = self.index.subjects(Dataset.REPLIES, self.first_day, self.last_day).values()
        threads = sum(pages_for(look.slots) for look in replies if look.subject not in self.listings)
        lists = sum(pages_for(look.slots) for each in AccountList for look in self.index.looks(Dataset(each.value)))
        return windows + listings + threads + lists + len(self.profiles)
