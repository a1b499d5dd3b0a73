"""What was begun and goes on at its next page: pure, from what has landed.

Only what the study still wants: an earlier query, a removed search or a list that is observed no more goes on with
nothing, whatever was left half way.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tt_pipeline.coverage.account_lists import asset_of
from tt_pipeline.coverage.search_days import DayCoverage
from tt_pipeline.coverage.study_coverage import Holdings
from tt_pipeline.vocabulary import CommentStatus, SearchStatus


@dataclass(frozen=True, slots=True)
class UnfinishedWork:
    """What is unfinished of an asset.

    Attributes:
        what: Days, videos or lists, in words.
    """

    asset: str
    what: str


def unfinished_work(held: Holdings) -> list[UnfinishedWork]:
    """Everything that is half way; of searches the days that are old enough to be looked at."""
    return [*_videos(held), *_comments(held), *_lists(held)]


def _videos(held: Holdings) -> Iterator[UnfinishedWork]:
    for search in held.study.searches:
        days = {day.day for asked in search.asked for day in held.old_enough(asked) if _is_half_way(day)}
        if days:
            yield UnfinishedWork(f"videos/{search.name}", _counted(len(days), "day"))


def _is_half_way(day: DayCoverage) -> bool:
    # A day that was held whole stays so while a later look at it is unfinished_work.
    return day.status is SearchStatus.PAUSED or (bool(day.windows) and day.windows[-1].ends is None)


def _comments(held: Holdings) -> Iterator[UnfinishedWork]:
    if not held.study.comments.wanted:
        return
    videos = [video for found in held.videos_by_day.values() for video in found]
    begun = [str(v.video_id) for v in videos if held.comments.status(v) is CommentStatus.PAUSED]
    listings = [held.listings[video_id] for video_id in begun]
    listed = sum(listing.ends is not None and not held.comments.wants_more(listing) for listing in listings)
    if len(begun) > listed:
        yield UnfinishedWork("comments", _counted(len(begun) - listed, "video"))
    if listed:
        yield UnfinishedWork("comments", f"{_counted(listed, 'video')} without all replies")


def _lists(held: Holdings) -> Iterator[UnfinishedWork]:
    for account_list in held.accounts.lists:
        if unfinished := held.accounts.unfinished(account_list):
            yield UnfinishedWork(asset_of(account_list), _counted(len(unfinished), "list"))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
