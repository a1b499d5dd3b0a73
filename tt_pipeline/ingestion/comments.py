"""Collect the comments of the videos that searches found on some days, each video once over all searches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tt_pipeline.codebook.endpoints import listed
from tt_pipeline.coverage import UNSTATED_ENDS, StudyCoverage
from tt_pipeline.ids import id_number
from tt_pipeline.ingestion.bookkeeping import FailureLimit, Tally, carry_out
from tt_pipeline.ingestion.collector import SubjectCollector, open_collector
from tt_pipeline.ingestion.report import CollectReport, DayReport, day_report
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.threads import Threads
from tt_pipeline.json_text import NotJson, read_json
from tt_pipeline.landing import PageEntry, VideoFacts
from tt_pipeline.research_api import Page
from tt_pipeline.vocabulary import CommentId, Dataset, Refusal, StopReason


def collect_comments(
    session: CollectionSession, days: Sequence[date], *, again_since: datetime | None = None
) -> CollectReport:
    """Land the comments of the days' videos, those with most comments first; a complete listing costs nothing.

    Args:
        session: The open data dir and its client.
        days: UTC days on which the videos were created.
        again_since: List again every video that may have comments and has no listing since this instant.
    """

    def work(tally: Tally) -> None:
        # At a day whose landed pages cannot be read the collection stops: the other days come first.
        coverage = session.coverage(min(days), max(days))
        for day in sorted(days, key=lambda day: coverage.unreadable("comments", day) is not None):
            with session.zone.lease(Dataset.COMMENTS, day.isoformat()):
                _collect_listings(session, day, tally, again_since=again_since)

    def state() -> list[DayReport]:
        coverage = session.coverage(min(days), max(days))
        return [comments_report(coverage, day) for day in days]

    return carry_out(session, "comments", Dataset.COMMENTS, work=work, state=state)


@dataclass(frozen=True, slots=True)
class _Listing:
    """A video whose comments are to be listed.

    Attributes:
        look: Number of the listing of this video, from 1.
        cursor: Cursor of the next page; None if only replies are missing.
    """

    video: VideoFacts
    look: int
    cursor: int | None = 0

    @property
    def subject(self) -> str:
        return str(self.video.video_id)


def _collect_listings(session: CollectionSession, day: date, tally: Tally, *, again_since: datetime | None) -> None:
    coverage = session.coverage(day, day)
    videos = coverage.comments.videos_to_request(day)
    if again_since:
        videos = coverage.comments.videos_to_list_again(day, again_since)
    if not videos:
        return
    coverage.check_readable("comments", day)
    pending = [_next_listing(video, coverage, again_since) for video in videos]
    failures = FailureLimit()
    with (
        open_collector(session, Dataset.COMMENTS, day, tally, failures=failures) as comments,
        open_collector(session, Dataset.REPLIES, day, tally, failures=failures) as replies,
    ):
        run = _CommentRun(comments, replies, _earlier_threads(session, pending), dict(coverage.comments.replies))
        comments.each(pending, run.collect)


def _next_listing(video: VideoFacts, coverage: StudyCoverage, again_since: datetime | None) -> _Listing:
    """A new listing if `again_since` requires it; otherwise the latest listing, which continues or is tried again."""
    listing = coverage.landed.listings.get(str(video.video_id))
    if listing is None:
        return _Listing(video, 1)
    if again_since and listing.ends is not None:
        return _Listing(video, listing.look + 1)
    has_ended = listing.ends in {StopReason.COMPLETE, StopReason.COMMENT_CAP}
    is_listed = has_ended and not coverage.comments.cap_was_raised(listing)
    return _Listing(video, listing.look, None if is_listed else listing.cursor)


def _earlier_threads(session: CollectionSession, listings: Sequence[_Listing]) -> dict[str, Threads]:
    """The threads on landed pages of unfinished listings, by video; empty if the study collects no replies."""
    begun = {each.subject: each for each in listings if each.cursor != 0}
    if not (begun and session.study.comments.replies):
        return {}
    threads = {subject: Threads(each.video.video_id) for subject, each in begun.items()}
    folder = f"{Dataset.COMMENTS}/{listings[0].video.day}/"
    for file in session.index.files():
        for page in file.envelopes() if file.load_id.startswith(folder) else ():
            if page.subject in begun and page.look == begun[page.subject].look:
                threads[page.subject].add(_comments_of(page.body))
    return threads


def _comments_of(body: str) -> list[dict[str, Any]]:
    try:
        answer = read_json(body).value
    except NotJson:
        return []
    data = answer.get("data") if isinstance(answer, dict) else None
    items = listed(data.get("comments")) if isinstance(data, dict) else None
    return [record for record in items or () if isinstance(record, dict)]


@dataclass(frozen=True, slots=True)
class _CommentRun:
    """Lists the comments of one day's videos; threads share it.

    Attributes:
        threads: The threads on pages of earlier runs, by video.
        earlier_replies: The latest look at replies, by comment id and by video id (see `LandedStudy.replies`).
    """

    comments: SubjectCollector
    replies: SubjectCollector
    threads: Mapping[str, Threads]
    earlier_replies: Mapping[str, PageEntry]

    def collect(self, listing: _Listing) -> None:
        """Land a video's listing and, if the study collects replies, the replies that the listing left out."""
        threads = self.threads.get(listing.subject, Threads(listing.video.video_id))
        is_listed = listing.cursor is None or self._list(listing, listing.cursor, threads)
        if is_listed and self.comments.session.study.comments.replies:
            self._collect_replies(listing, threads)

    def _list(self, listing: _Listing, cursor: int, threads: Threads) -> bool:
        def land(page: Page) -> None:
            self.comments.land(listing.subject, listing.look, page)
            threads.add(page.records)

        return self.comments.collect(lambda: self._pages(listing, cursor), land)

    def _pages(self, listing: _Listing, cursor: int) -> Iterable[Page]:
        cap = self.comments.session.study.comments.max_per_video
        if cursor >= cap:  # the study's cap was lowered since then: what has landed is enough
            return [self.comments.end_marker(StopReason.COMMENT_CAP)]
        return self.comments.api.comment_pages(listing.video.video_id, resume_cursor=cursor, cap=cap)

    def _collect_replies(self, listing: _Listing, threads: Threads) -> None:
        """Land the missing replies of a video, then note that all of them landed, or that the server failed."""
        ended = [self._collect_thread(comment_id, listing.look) for comment_id in threads.with_missing_replies()]
        lacking = [ends for ends in ended if ends is not StopReason.COMPLETE]
        # What failed is tried again soon; what the API left open is not bought for ever.
        ends = min(lacking, key=lambda ends: ends in UNSTATED_ENDS, default=StopReason.COMPLETE)
        self.replies.land(listing.subject, listing.look, self.replies.end_marker(ends))

    def _collect_thread(self, comment_id: CommentId, look: int) -> StopReason:
        """Land the replies to a comment; gives how they ended, complete also where the API refuses them."""
        earlier, cursor = self.earlier_replies.get(str(comment_id)), 0
        if earlier is not None and earlier.look == look:
            if (ends := _end_of_thread(earlier)) is StopReason.COMPLETE:
                return ends
            cursor = earlier.cursor
        last, unreadable = None, 0

        def land(page: Page) -> None:
            nonlocal last, unreadable
            self.replies.land(str(comment_id), look, page)
            last, unreadable = page, unreadable + sum(id_number(record.get("id")) is None for record in page.records)

        self.replies.collect(lambda: self.replies.api.reply_pages(comment_id, resume_cursor=cursor), land)
        ends = _end_of_thread(last) if last else StopReason.UNAVAILABLE
        return StopReason.LIST_MISSING if unreadable and ends is StopReason.COMPLETE else ends


def _end_of_thread(last: Page | PageEntry) -> StopReason:
    if last.ends is StopReason.REFUSED:
        return StopReason.UNAVAILABLE if last.refusal is Refusal.UNKNOWN else StopReason.COMPLETE
    if last.ends in {StopReason.COMPLETE, StopReason.COMMENT_CAP}:
        return StopReason.COMPLETE
    return last.ends or StopReason.UNAVAILABLE


def comments_report(coverage: StudyCoverage, day: date) -> DayReport:
    """The report on the comments of a day's videos."""
    videos = coverage.landed.videos_by_day.get(day, [])
    missing, failed = len(coverage.comments.videos_without_all_comments(day)), len(coverage.comments.failed(day))
    listings = [coverage.landed.listings.get(str(video.video_id)) for video in videos]
    return day_report(
        day,
        missing=missing,
        failed=failed,
        is_wanted=coverage.study.comments.wanted,
        why_videos_may_follow=coverage.searches.why_videos_may_follow(day),
        rows=sum(listing.records for listing in listings if listing),
        facts={"videos": len(videos), "videos_without_comments": missing, "videos_failed": failed},
    )
