"""Buy the comments of the videos that searches found on some days, each video once over all searches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from tt_pipeline.errors import ApiError
from tt_pipeline.ingestion.collecting import Patience, Tally, carry_out
from tt_pipeline.ingestion.desk import LANES, Desk
from tt_pipeline.ingestion.holdings import Holdings
from tt_pipeline.ingestion.in_flight import each_in_flight
from tt_pipeline.ingestion.land import statement, subject_envelope, unavailable
from tt_pipeline.ingestion.report import CollectReport, DayReport, day_report
from tt_pipeline.landing import LandingWriter, PageEntry, VideoFacts, day_load_id
from tt_pipeline.research_api import Page
from tt_pipeline.vocabulary import CommentStatus, Dataset, StopReason

_NOT_ASKED_FOR = frozenset({CommentStatus.NO_COMMENTS, CommentStatus.BELOW_MINIMUM, CommentStatus.NOT_WANTED})


def collect_comments(desk: Desk, days: Sequence[date], *, again_since: datetime | None = None) -> CollectReport:
    """Land the comments of the days' videos, those with most first; what is held whole costs nothing.

    Args:
        desk: What it works with.
        days: UTC days on which the videos were created.
        again_since: Buy one more listing of every video that may have comments and was not listed since then.
    """

    def work(tally: Tally) -> None:
        for day in days:
            with desk.zone.lease(Dataset.COMMENTS, day.isoformat()):
                _buy_listings(desk, day, tally, again_since=again_since)

    def state() -> list[DayReport]:
        held = desk.holdings(min(days), max(days))
        return [_state(held, day) for day in days]

    return carry_out(desk, "comments", Dataset.COMMENTS, work=work, state=state)


@dataclass(frozen=True, slots=True)
class _Listing:
    """A video's comments that are to be bought, from the first page or the one after `cursor`."""

    video: VideoFacts
    look: int
    cursor: int


def _buy_listings(desk: Desk, day: date, tally: Tally, *, again_since: datetime | None) -> None:
    held = desk.holdings(day, day)
    videos = _not_listed_since(held, day, again_since) if again_since else held.comments_to_buy(day)
    if not videos:
        return
    listings = [_next_listing(video, held.listings.get(str(video.video_id))) for video in videos]
    with desk.zone.writing(day_load_id(Dataset.COMMENTS, day, desk.run_id), packs=True) as writer:
        buying = partial(_buy, desk, writer, tally, Patience())
        each_in_flight(listings, buying, at_most=desk.in_flight, lanes=LANES)


def _not_listed_since(held: Holdings, day: date, since: datetime) -> list[VideoFacts]:
    """Videos that may have comments, but for those whose listing was begun since then and is whole."""
    return [
        video
        for video in held.videos_by_day.get(day, [])
        if held.comment_status(video) not in _NOT_ASKED_FOR and not is_whole_since(held.listings, video.video_id, since)
    ]


def is_whole_since(entries: Mapping[str, PageEntry], subject: object, since: datetime) -> bool:
    """Whether the latest look at a subject was begun since then and has ended."""
    entry = entries.get(str(subject))
    return entry is not None and entry.ends is not None and entry.first_at >= since


def _next_listing(video: VideoFacts, held: PageEntry | None) -> _Listing:
    if held is None:
        return _Listing(video, 1, 0)
    return _Listing(video, held.look, held.cursor) if held.ends is None else _Listing(video, held.look + 1, 0)


def _buy(desk: Desk, writer: LandingWriter, tally: Tally, patience: Patience, listing: _Listing) -> None:
    """Land a video's pages; where the server fails on this video alone, that is remembered instead."""
    desk.give_way()
    with tally.walk() as walk:
        try:
            for page in _pages(desk, listing):
                _land(desk, listing, writer, page)
                walk.count(page)
                patience.success()
        except ApiError as error:
            patience.failure(error)
            _land(desk, listing, writer, unavailable(error, "comment_list", desk.clock.now()))


def _pages(desk: Desk, listing: _Listing) -> Iterator[Page]:
    api, cap = desk.api_for(Dataset.COMMENTS, day=listing.video.day), desk.study.comments.max_per_video
    if listing.cursor >= cap:  # the study's cap was lowered meanwhile: what is held is all that is wanted
        return iter([statement("comment_list", desk.clock.now(), StopReason.COMMENT_CAP, status=200)])
    return api.comment_pages(listing.video.video_id, resume_cursor=listing.cursor, cap=cap)


def _land(desk: Desk, listing: _Listing, writer: LandingWriter, page: Page) -> None:
    video = listing.video
    envelope = subject_envelope(page, Dataset.COMMENTS, video.day, str(video.video_id), listing.look)
    desk.land(writer, envelope, f"comments of {video.day}")


def _state(held: Holdings, day: date) -> DayReport:
    videos, missing = held.videos_by_day.get(day, []), len(held.without_comments(day))
    failed = len(held.with_failed_comments(day))
    listings = [held.listings.get(str(video.video_id)) for video in videos]
    return day_report(
        day,
        missing=missing,
        failed=failed,
        unfinished_search=held.unfinished_search(day),
        rows=sum(listing.records for listing in listings if listing),
        facts={"videos": len(videos), "videos_without_comments": missing, "videos_failed": failed},
    )
