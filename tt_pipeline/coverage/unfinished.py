"""Lists work that has begun and continues with its next page.

Unfinished work of an earlier query, of a removed search or of a list that is no longer observed is not continued, and
not listed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tt_pipeline.counted import counted
from tt_pipeline.coverage.account_lists import asset_of
from tt_pipeline.coverage.search_days import DayCoverage
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.vocabulary import CommentStatus, SearchStatus


@dataclass(frozen=True, slots=True)
class UnfinishedWork:
    """The unfinished work of an asset.

    Attributes:
        what: Number of days, videos or lists, in words.
    """

    asset: str
    what: str


def unfinished_work(coverage: StudyCoverage) -> list[UnfinishedWork]:
    """All unfinished work, without days of searches that have not reached the age of the first look."""
    return [*_videos(coverage), *_comments(coverage), *_lists(coverage)]


def _videos(coverage: StudyCoverage) -> Iterator[UnfinishedWork]:
    for search in coverage.study.searches:
        days = {
            day.day for query in search.queries for day in coverage.searches.old_enough(query) if _is_unfinished(day)
        }
        if days:
            yield UnfinishedWork(f"videos/{search.name}", counted(len(days), "day"))


def _is_unfinished(day: DayCoverage) -> bool:
    # A complete day stays complete while a later look at it is unfinished.
    return day.status is SearchStatus.PAUSED or (bool(day.windows) and day.windows[-1].ends is None)


def _comments(coverage: StudyCoverage) -> Iterator[UnfinishedWork]:
    if not coverage.study.comments.wanted:
        return
    comments = coverage.comments
    days = (day for day in coverage.landed.videos_by_day if CommentStatus.PAUSED in comments.note(day).counts)
    # A note may be older than what is read now: another process may have finished the day meanwhile.
    begun = {video.video_id for day in days for video in comments.by_status(day).get(CommentStatus.PAUSED, ())}
    listings = [coverage.landed.listings[str(video_id)] for video_id in begun]
    listed = sum(listing.ends is not None and not coverage.comments.cap_was_raised(listing) for listing in listings)
    if len(begun) > listed:
        yield UnfinishedWork("comments", counted(len(begun) - listed, "video"))
    if listed:
        yield UnfinishedWork("comments", f"{counted(listed, 'video')} without all replies")


def _lists(coverage: StudyCoverage) -> Iterator[UnfinishedWork]:
    for account_list in coverage.account_lists.lists:
        if unfinished := coverage.account_lists.unfinished(account_list):
            yield UnfinishedWork(asset_of(account_list), counted(len(unfinished), "list"))
