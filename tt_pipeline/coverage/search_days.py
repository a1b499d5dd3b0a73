"""Computes the coverage of a query on a day. These functions read no file and no clock.

Every query and day has exactly one status. `suspicion.py` decides whether an empty answer counts as complete.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tt_pipeline.codebook.limits import MOST_RETRIES_OF_AN_UNSTATED_END, UNKNOWN_REFUSAL_DAYS
from tt_pipeline.counted import counted
from tt_pipeline.landing import PageEntry, WindowEntry
from tt_pipeline.studies import Search, StudyQuery
from tt_pipeline.vocabulary import Refusal, SearchStatus, StopReason


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCoverage:
    """The coverage of one query, or of one search, on one day.

    Attributes:
        complete_looks: Number of complete looks, also of looks before the day reached its age. A look at a random
            sample is complete when all its draws have landed.
        attempts: Number of looks since the last complete one that ended without returning everything.
        records: Videos of the day in the latest look; None before the first answer.
        windows: Looks whose window includes the day, oldest first, without windows that were split.
        doubt: Why the day may lack videos although its pages have landed; None without such a reason.
        is_unreadable: Whether a landed file that cannot be read may have its pages; then nothing is requested.
    """

    query: StudyQuery
    day: date
    status: SearchStatus
    complete_looks: int
    attempts: int
    records: int | None
    windows: tuple[WindowEntry, ...]
    doubt: str | None = None
    is_unreadable: bool = False

    @property
    def note(self) -> str | None:
        """Why the day is not complete, in addition to its status; None if there is nothing to add."""
        if self.doubt:
            return self.doubt
        ends = self.windows[-1].ends if self.windows else None
        return ends.value if ends and ends is not StopReason.COMPLETE else None


def age_days(day: date, at: datetime) -> int:
    """Number of UTC days from a day to the day of an instant."""
    return (at.astimezone(UTC).date() - day).days


_DONE = frozenset({StopReason.COMPLETE, StopReason.VIDEO_CAP})


def reached_end_or_cap(window: WindowEntry) -> bool:
    """Whether the look ended because no page follows, or at the cap that the study had then."""
    return window.ends in _DONE


def reached_end_or_present_cap(window: WindowEntry, query: StudyQuery) -> bool:
    """Whether the look ended because no page follows, or after as many slots as the study's cap has now."""
    if window.ends is not StopReason.VIDEO_CAP:
        return window.ends is StopReason.COMPLETE
    return query.max_videos_per_day is not None and window.slots >= query.max_videos_per_day


def looks_of_query(query: StudyQuery, windows: Iterable[WindowEntry]) -> list[WindowEntry]:
    """Those looks that this query requested, under any search name, oldest first."""
    return sorted((w for w in windows if w.fingerprint == query.fingerprint), key=lambda w: w.first_at)


def day_coverage(
    query: StudyQuery, day: date, windows: Sequence[WindowEntry], *, now: datetime, look_ages: Sequence[int]
) -> DayCoverage:
    """Compute the coverage of a query on a day.

    Args:
        windows: Looks of any queries; those of earlier versions tell whether the day is outdated.
        look_ages: Ages in days at which the study collects a day.
    """
    # A window that was split says nothing about its days; the smaller windows that replaced it do.
    own = tuple(w for w in looks_of_query(query, windows) if w.covers(day) and w.ends is not StopReason.SPLIT)
    begun = [window for window in own if window.by_day.get(day) is not None or window.ends]
    done = [number for number, window in enumerate(own) if reached_end_or_present_cap(window, query)]
    status = _status(query, day, windows, own, now=now, first_look=look_ages[0])
    # The latest look counts, or the latest draws: a day whose later look can be read is complete again.
    unread = sum(own[number].unread for number in done[-query.draws :]) if status in _ANSWERED else 0
    return DayCoverage(
        query=query,
        day=day,
        status=SearchStatus.PARTIAL if unread else status,
        complete_looks=len(done) // query.draws,
        attempts=sum(1 for window in own[(done[-1] + 1 if done else 0) :] if window.ends),
        records=begun[-1].by_day.get(day, 0) if begun else None,
        windows=own,
        doubt=f"{counted(unread, 'record')} of its pages cannot be read: see ops.quarantine" if unread else None,
    )


_ANSWERED = frozenset({SearchStatus.COMPLETE, SearchStatus.CAPPED, SearchStatus.EARLY})


def _status(
    query: StudyQuery,
    day: date,
    windows: Sequence[WindowEntry],
    own: Sequence[WindowEntry],
    *,
    now: datetime,
    first_look: int,
) -> SearchStatus:
    if not query_includes(query, day):
        return SearchStatus.OUTSIDE
    at_its_age = [w for w in own if reached_end_or_present_cap(w, query) and age_days(day, w.first_at) >= first_look]
    if len(at_its_age) >= query.draws:
        is_capped = at_its_age[-1].ends is StopReason.VIDEO_CAP
        return SearchStatus.CAPPED if is_capped else SearchStatus.COMPLETE
    if (
        own
        and reached_end_or_present_cap(own[-1], query)
        and sum(reached_end_or_present_cap(window, query) for window in own) >= query.draws
    ):
        return SearchStatus.EARLY
    if own:
        return _unfinished(own[-1])
    if any(w.search == query.name and w.fingerprint != query.fingerprint and w.covers(day) for w in windows):
        return SearchStatus.OUTDATED
    return SearchStatus.NOT_DUE if age_days(day, now) < first_look else SearchStatus.NEVER_ASKED


def _unfinished(window: WindowEntry) -> SearchStatus:
    if window.ends is None or reached_end_or_cap(window):  # of a sample more draws are to come; or its cap was raised
        return SearchStatus.PAUSED
    return SearchStatus.UNAVAILABLE if window.ends is StopReason.UNAVAILABLE else SearchStatus.PARTIAL


def query_includes(query: StudyQuery, day: date) -> bool:
    """Whether the day lies between the first and the last day of the query."""
    return query.first_day <= day and (query.last_day is None or day <= query.last_day)


def look_is_due(covered: DayCoverage, *, now: datetime, look_ages: Sequence[int]) -> bool:
    """Whether the day has reached the age of a look that has not landed completely."""
    return (
        covered.status is not SearchStatus.OUTSIDE
        and not covered.is_unreadable
        and missing_draws_of_due_look(covered, now=now, look_ages=look_ages) > 0
    )


def missing_draws_of_due_look(covered: DayCoverage, *, now: datetime, look_ages: Sequence[int]) -> int:
    """Number of draws that the latest due look still lacks; a query that is not a sample has one draw a look.

    0 if the day has not reached the age of any look.
    """
    reached = [age for age in look_ages if age <= age_days(covered.day, now)]
    return _missing_draws(covered, reached[-1]) if reached else 0


def has_last_look(covered: DayCoverage, *, look_ages: Sequence[int]) -> bool:
    """Whether the last look that the study plans for the day is complete, whatever became of the earlier ones.

    A day that is collected for the first time at a higher age gets this look alone.
    """
    return _missing_draws(covered, look_ages[-1]) == 0


def _missing_draws(covered: DayCoverage, age: int) -> int:
    """Number of draws that a look at this age, or at a higher one, still lacks."""
    seen_at = [
        age_days(covered.day, window.first_at)
        for window in covered.windows
        if reached_end_or_present_cap(window, covered.query)
    ]
    return max(0, covered.query.draws - sum(each >= age for each in seen_at))


def would_begin_look(
    covered: DayCoverage, *, now: datetime, look_ages: Sequence[int], again_since: datetime | None = None
) -> bool:
    """Whether `looks_to_begin` is above 0, so that collecting the day sends a request."""
    return looks_to_begin(covered, now=now, look_ages=look_ages, again_since=again_since) > 0


def looks_to_begin(
    covered: DayCoverage, *, now: datetime, look_ages: Sequence[int], again_since: datetime | None = None
) -> int:
    """Number of looks that collecting the day begins: 0 or 1; for a sample one for each missing draw.

    A day that was never collected gets its first look at any age. A day that failed gets none until it has waited.

    Args:
        covered: The coverage of the day.
        now: The instant at which the day is collected.
        look_ages: Ages in days at which the study collects a day.
        again_since: Request one more look at a day that has no look since this instant, whatever its status.
    """
    if covered.status is SearchStatus.OUTSIDE or covered.is_unreadable:
        return 0
    draws = covered.query.draws
    if again_since:
        since = sum(window.first_at >= again_since for window in covered.windows)
        return max(0, draws - since)
    if _must_wait(covered, now):
        return 0
    if covered.status is SearchStatus.SUSPICIOUS:
        return draws
    done = sum(reached_end_or_present_cap(window, covered.query) for window in covered.windows)
    return max(missing_draws_of_due_look(covered, now=now, look_ages=look_ages), draws - done)


def _must_wait(covered: DayCoverage, now: datetime) -> bool:
    """Whether the latest try failed too recently to try again."""
    tries = covered.complete_looks if covered.status is SearchStatus.SUSPICIOUS else covered.attempts
    last = covered.windows[-1] if covered.windows else None
    return bool(last and last.ends and tries and not may_retry(last, tries=tries, now=now))


UNSTATED_ENDS: Final = frozenset({StopReason.END_UNSTATED, StopReason.LIST_MISSING, StopReason.CURSOR_MISSING})
"""After these the API has not said whether anything follows; its answers were complete otherwise."""


def days_to_wait(ends: StopReason | None, *, tries: int) -> int | None:
    """Days between the last of these tries and the next: 1, 2, 4, …; what fails today mostly fails tomorrow.

    An API that does not say whether anything follows is not asked for ever: after the third later try the answer is
    None, because only `--again` sends another request.
    """
    if ends in UNSTATED_ENDS and tries > MOST_RETRIES_OF_AN_UNSTATED_END:
        return None
    return int(2 ** min(tries - 1, 10))


def may_retry(last: WindowEntry | PageEntry, *, tries: int, now: datetime) -> bool:
    """Whether the days to wait after the last try have passed."""
    at = retry_at(last, tries=tries)
    return at is not None and at <= now


def retry_at(last: WindowEntry | PageEntry, *, tries: int) -> datetime | None:
    """When the days to wait after the last try have passed; None if only `--again` sends another request."""
    days = days_to_wait(last.ends, tries=tries)
    return None if days is None else last.last_at + timedelta(days=days)


def days_refused(refusal: Refusal, *, refused_days: int) -> int:
    """Days for which a refusal is remembered.

    Args:
        refused_days: What the study says of refusals that are understood.
    """
    return UNKNOWN_REFUSAL_DAYS if refusal is Refusal.UNKNOWN else refused_days


_WORST_FIRST = (
    SearchStatus.SUSPICIOUS,
    SearchStatus.UNAVAILABLE,
    SearchStatus.PARTIAL,
    SearchStatus.PAUSED,
    SearchStatus.OUTDATED,
    SearchStatus.NEVER_ASKED,
    SearchStatus.NOT_DUE,
    SearchStatus.EARLY,
    SearchStatus.CAPPED,
    SearchStatus.COMPLETE,
    SearchStatus.OUTSIDE,
)


def combine_parts(search: Search, day: date, parts: Sequence[DayCoverage]) -> DayCoverage:
    """The coverage of a search that is sent as several queries; its status is the worst of them.

    Queries that do not include the day are left out.
    """
    counted = [part for part in parts if part.status is not SearchStatus.OUTSIDE]
    worst = min(counted, key=lambda part: _WORST_FIRST.index(part.status), default=None)
    found = [part.records for part in counted if part.records is not None]
    return DayCoverage(
        query=search,
        day=day,
        status=worst.status if worst else SearchStatus.OUTSIDE,
        complete_looks=min((part.complete_looks for part in counted), default=0),
        attempts=max((part.attempts for part in counted), default=0),
        records=sum(found) if found else None,
        windows=tuple(sorted((w for part in counted for w in part.windows), key=lambda window: window.first_at)),
        doubt=worst.doubt if worst else None,
        is_unreadable=any(part.is_unreadable for part in counted),
    )
