"""Buy the comments of the videos that searches found on some days, each video once over all searches."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from tt_pipeline.coverage.comments import NOT_ASKED_FOR
from tt_pipeline.coverage.study_coverage import Holdings
from tt_pipeline.errors import ApiError
from tt_pipeline.ingestion.bookkeeping import FailureLimit, Tally, carry_out
from tt_pipeline.ingestion.envelopes import statement, subject_envelope, unavailable
from tt_pipeline.ingestion.in_flight import each_in_flight
from tt_pipeline.ingestion.report import CollectReport, DayReport, day_report
from tt_pipeline.ingestion.session import LANES, CollectionSession
from tt_pipeline.ingestion.threads import Threads
from tt_pipeline.landing import LandingWriter, PageEntry, VideoFacts, day_load_id, envelopes
from tt_pipeline.research_api import Page
from tt_pipeline.vocabulary import CommentId, Dataset, StopReason


def collect_comments(
    session: CollectionSession, days: Sequence[date], *, again_since: datetime | None = None
) -> CollectReport:
    """Land the comments of the days' videos, those with most first; what is held whole costs nothing.

    Args:
        session: What it works with.
        days: UTC days on which the videos were created.
        again_since: Buy one more listing of every video that may have comments and was not listed since then.
    """

    def work(tally: Tally) -> None:
        for day in days:
            with session.zone.lease(Dataset.COMMENTS, day.isoformat()):
                _buy_listings(session, day, tally, again_since=again_since)

    def state() -> list[DayReport]:
        held = session.holdings(min(days), max(days))
        return [state_comments(held, day) for day in days]

    return carry_out(session, "comments", Dataset.COMMENTS, work=work, state=state)


@dataclass(frozen=True, slots=True)
class _Listing:
    """A video's comments that are to be bought.

    Attributes:
        look: The n-th listing of this video.
        cursor: Where its next page starts; None when only replies are missing.
    """

    video: VideoFacts
    look: int
    cursor: int | None = 0


def _buy_listings(session: CollectionSession, day: date, tally: Tally, *, again_since: datetime | None) -> None:
    held = session.holdings(day, day)
    videos = _not_listed_since(held, day, again_since) if again_since else held.comments.to_buy(day)
    if not videos:
        return
    listings = [_next_listing(video, held, again_since) for video in videos]
    with (
        session.zone.writing(day_load_id(Dataset.COMMENTS, day, session.run_id), packs=True) as writer,
        session.zone.writing(day_load_id(Dataset.REPLIES, day, session.run_id), packs=True) as replies,
    ):
        run = _Run(
            session,
            day,
            writer,
            replies,
            tally,
            FailureLimit(),
            _threads_held(session, listings),
            held.comments.replies,
        )
        each_in_flight(listings, run.buy, at_most=session.in_flight, lanes=LANES)


def _not_listed_since(held: Holdings, day: date, since: datetime) -> list[VideoFacts]:
    """Videos that may have comments, but for those whose listing was begun since then and is whole."""
    return [
        video
        for video in held.videos_by_day.get(day, [])
        if held.comments.status(video) not in NOT_ASKED_FOR
        and not ((listing := held.listings.get(str(video.video_id))) and listing.is_whole_since(since))
    ]


def _next_listing(video: VideoFacts, held: Holdings, again_since: datetime | None) -> _Listing:
    """One more listing where that was asked for; else what is held goes on where it stopped, also at a failure."""
    listing = held.listings.get(str(video.video_id))
    if listing is None:
        return _Listing(video, 1)
    if again_since and listing.ends is not None:
        return _Listing(video, listing.look + 1)
    is_listed = listing.ends in {StopReason.COMPLETE, StopReason.COMMENT_CAP} and not held.comments.wants_more(listing)
    return _Listing(video, listing.look, None if is_listed else listing.cursor)


def _threads_held(session: CollectionSession, listings: Sequence[_Listing]) -> dict[str, Threads]:
    """What earlier runs saw of the threads of videos that go on, where replies are wanted: read from their pages."""
    begun = {str(each.video.video_id): each for each in listings if each.cursor != 0}
    if not (begun and session.study.comments.replies):
        return {}
    threads = {subject: Threads(each.video.video_id) for subject, each in begun.items()}
    folder = f"{Dataset.COMMENTS}/{listings[0].video.day}/"
    for file in session.zone.index.files():
        for page in envelopes(file.path) if file.load_id.startswith(folder) else ():
            if page.subject in begun and page.look == begun[page.subject].look:
                threads[page.subject].add(_comments_of(page.body))
    return threads


def _comments_of(body: str) -> list[dict[str, Any]]:
    data = json.loads(body).get("data") or {}
    return [record for record in data.get("comments") or [] if isinstance(record, dict)]


@dataclass(frozen=True, slots=True)
class _Run:
    """The buying of one day's comments; threads share it.

    Attributes:
        threads: What earlier runs saw of the threads of videos that go on.
        replies_held: The latest look at the replies to a comment, and at those of a whole video.
    """

    session: CollectionSession
    day: date
    listings: LandingWriter
    replies: LandingWriter
    tally: Tally
    patience: FailureLimit
    threads: Mapping[str, Threads]
    replies_held: Mapping[str, PageEntry]

    def buy(self, listing: _Listing) -> None:
        """Land a video's pages; where the server fails on this video alone, that is remembered instead."""
        self.session.yield_to_daily_run()
        threads = self.threads.get(str(listing.video.video_id), Threads(listing.video.video_id))
        is_listed = listing.cursor is None or self._list(listing, listing.cursor, threads)
        if is_listed and self.session.study.comments.replies:
            self._complete(listing, threads)

    def _list(self, listing: _Listing, cursor: int, threads: Threads) -> bool:
        """Land the listing; gives whether there is one."""
        land = partial(self._land, self.listings, Dataset.COMMENTS, str(listing.video.video_id), listing.look)
        with self.tally.walk() as walk:
            try:
                for page in self._pages(listing, cursor):
                    land(page)
                    walk.count(page)
                    threads.add(page.records)
                    self.patience.success()
            except ApiError as error:
                self.patience.failure(error)
                land(unavailable(error, "comment_list", self.session.clock.now()))
                return False
        return True

    def _pages(self, listing: _Listing, cursor: int) -> Iterator[Page]:
        api, cap = self.session.api_for(Dataset.COMMENTS, day=self.day), self.session.study.comments.max_per_video
        if cursor >= cap:  # the study's cap was lowered meanwhile: what is held is all that is wanted
            return iter([self._say(StopReason.COMMENT_CAP)])
        return api.comment_pages(listing.video.video_id, resume_cursor=cursor, cap=cap)

    def _complete(self, listing: _Listing, threads: Threads) -> None:
        """Land the replies that the listing did not bring, and say that all are there, or that they cannot be had."""
        answered = [self._answers(comment_id, listing.look) for comment_id in threads.with_missing_replies()]
        ends = StopReason.COMPLETE if all(answered) else StopReason.UNAVAILABLE
        self._land(self.replies, Dataset.REPLIES, str(listing.video.video_id), listing.look, self._say(ends))

    def _answers(self, comment_id: CommentId, look: int) -> bool:
        """Land the replies to a comment; gives whether they could be had."""
        held = self.replies_held.get(str(comment_id))
        is_begun = held is not None and held.look == look
        if held is not None and is_begun and held.ends is StopReason.COMPLETE:
            return True
        cursor = held.cursor if held is not None and is_begun else 0
        land = partial(self._land, self.replies, Dataset.REPLIES, str(comment_id), look)
        api = self.session.api_for(Dataset.COMMENTS, day=self.day)
        with self.tally.walk() as walk:
            try:
                for page in api.reply_pages(comment_id, resume_cursor=cursor):
                    land(page)
                    walk.count(page)
                    self.patience.success()
            except ApiError as error:
                self.patience.failure(error)
                land(unavailable(error, "comment_list", self.session.clock.now()))
                return False
        return True

    def _say(self, ends: StopReason) -> Page:
        return statement("comment_list", self.session.clock.now(), ends, status=200)

    def _land(self, writer: LandingWriter, dataset: Dataset, subject: str, look: int, page: Page) -> None:
        self.session.land(writer, subject_envelope(page, dataset, self.day, subject, look), f"comments of {self.day}")


def state_comments(held: Holdings, day: date) -> DayReport:
    """What is held of a day, now."""
    videos, missing = held.videos_by_day.get(day, []), len(held.comments.missing(day))
    failed = len(held.comments.failed(day))
    listings = [held.listings.get(str(video.video_id)) for video in videos]
    return day_report(
        day,
        missing=missing,
        failed=failed,
        is_wanted=held.study.comments.wanted,
        unfinished_search=held.unfinished_search(day),
        rows=sum(listing.records for listing in listings if listing),
        facts={"videos": len(videos), "videos_without_comments": missing, "videos_failed": failed},
    )
