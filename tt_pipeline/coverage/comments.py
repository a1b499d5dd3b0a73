"""The coverage of the comments of found videos. These functions read no file and no clock."""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final

from tt_pipeline.clock import start_of
from tt_pipeline.codebook.limits import MOST_COMMENTS, UNKNOWN_REFUSAL_DAYS
from tt_pipeline.coverage.sampling import Drawing, draw_each_video, random_number
from tt_pipeline.coverage.search_days import age_days, retry_at
from tt_pipeline.landing import DayNote, PageEntry, VideoFacts
from tt_pipeline.studies import CommentRules
from tt_pipeline.vocabulary import CommentStatus, Refusal, StopReason, VideoId

MISSING: Final = frozenset({CommentStatus.NEVER_ASKED, CommentStatus.NOT_DUE, CommentStatus.PAUSED})
"""Statuses of videos whose comments the study collects, and that have not all landed."""
NOT_REQUESTED: Final = frozenset(
    {
        CommentStatus.NO_COMMENTS,
        CommentStatus.BELOW_MINIMUM,
        CommentStatus.NOT_WANTED,
        CommentStatus.NOT_SAMPLED,
    }
)
"""Statuses of videos whose comments the study does not request, not even with `--again`."""


@dataclass(frozen=True)
class CommentCoverage:
    """The comments of a study's videos.

    Attributes:
        videos_by_day: The videos that searches found, each once a day.
        listings: The latest listing of each video's comments, by video id.
        replies: See `LandedStudy.replies`; empty if the study collects no replies.
        search_of: Returns for each video of a day the search to whose stratum it belongs; called only if the study
            samples comments.
        notes: Of days that were noted, `note` reads no video; `note_days` adds to it.
    """

    rules: CommentRules
    now: datetime
    videos_by_day: Mapping[date, Sequence[VideoFacts]]
    listings: Mapping[str, PageEntry]
    replies: Mapping[str, PageEntry]
    search_of: Callable[[date], Mapping[VideoId, str]]
    notes: dict[date, DayNote] = field(default_factory=dict)

    @cached_property
    def drawings(self) -> dict[VideoId, Drawing]:
        """For each video that could be drawn, whether it was; empty if the study does not sample comments."""
        return {video_id: drawing for day in self.videos_by_day for video_id, drawing in self.drawn_on(day).items()}

    def drawn_on(self, day: date) -> Mapping[VideoId, Drawing]:
        """The drawings of a day's videos: no stratum has videos of two days."""
        if self.rules.sample is None:
            return {}
        if day not in self._drawn:
            frame = [video for video in self.videos_by_day.get(day, []) if self._is_wanted(video)]
            self._drawn[day] = draw_each_video(frame, self.search_of(day) if frame else {}, self.rules.sample)
        return self._drawn[day]

    @cached_property
    def _drawn(self) -> dict[date, Mapping[VideoId, Drawing]]:
        return {}

    def _is_wanted(self, video: VideoFacts) -> bool:
        return self.rules.wanted and (video.comment_count is None or video.comment_count >= self._least)

    @property
    def _least(self) -> int:
        return max(1, self.rules.min_comments)

    def status(self, video: VideoFacts) -> CommentStatus:
        """The status of a video's comments."""
        listing = self.listings.get(str(video.video_id))
        if listing is not None:
            return self._listed(video, listing)
        if video.comment_count == 0:
            return CommentStatus.NO_COMMENTS
        if not self.rules.wanted:
            return CommentStatus.NOT_WANTED
        if not self._is_wanted(video):
            return CommentStatus.BELOW_MINIMUM
        if self.rules.sample and not self.drawn_on(video.day)[video.video_id].is_drawn:
            return CommentStatus.NOT_SAMPLED
        is_due = age_days(video.day, self.now) >= self.rules.after_days
        return CommentStatus.NEVER_ASKED if is_due else CommentStatus.NOT_DUE

    def _listed(self, video: VideoFacts, listing: PageEntry) -> CommentStatus:
        if listing.ends is None or self.cap_was_raised(listing):
            return CommentStatus.PAUSED
        if listing.refusal is not None:
            return CommentStatus.CLOSED if listing.refusal is Refusal.REFUSED else CommentStatus.REFUSED
        if listing.ends not in {StopReason.COMPLETE, StopReason.COMMENT_CAP}:
            return CommentStatus.FAILED
        if listing.unread:
            return CommentStatus.FAILED
        if self.rules.replies and (lacking := self._status_of_replies(video, listing)):
            return lacking
        return _ended(video, listing)

    def cap_was_raised(self, listing: PageEntry) -> bool:
        """Whether a listing stopped at the study's `max_per_video` and the study has raised it since."""
        is_at_study_cap = listing.ends is StopReason.COMMENT_CAP and listing.cursor < MOST_COMMENTS
        return is_at_study_cap and listing.cursor < self.rules.max_per_video

    def _status_of_replies(self, video: VideoFacts, listing: PageEntry) -> CommentStatus | None:
        replies = self.replies.get(str(video.video_id))
        if replies is None or replies.look < listing.look:
            return CommentStatus.PAUSED
        return None if replies.ends is StopReason.COMPLETE else CommentStatus.FAILED

    def by_status(self, day: date) -> Mapping[CommentStatus, Sequence[VideoFacts]]:
        """The videos of a day by status; reads them."""
        if day not in self._by_status:
            found: dict[CommentStatus, list[VideoFacts]] = {}
            for video in self.videos_by_day.get(day, []):
                found.setdefault(self.status(video), []).append(video)
            self._by_status[day] = found
        return self._by_status[day]

    @cached_property
    def _by_status(self) -> dict[date, dict[CommentStatus, list[VideoFacts]]]:
        return {}

    def note(self, day: date) -> DayNote:
        """The number of a day's videos by status, and how many need a request; the videos are read if nobody noted it.

        Videos that are too young (`NOT_DUE`) count among those to request.
        """
        if note := self.notes.get(day):
            return note
        counts = {status.value: len(videos) for status, videos in self.by_status(day).items()}
        waits = [at for video in self._of_another_try(day) if (at := self._again_at(video)) and at > self.now]
        if CommentStatus.NOT_DUE in counts:
            waits.append(start_of(day + timedelta(days=self.rules.after_days)))
        return DayNote(
            counts=counts,
            to_request=len(self.videos_to_request(day)),
            lacks=sum(number for status, number in counts.items() if status in {*MISSING, CommentStatus.FAILED}),
            until=min(waits, default=None),
        )

    def release(self, day: date) -> None:
        """Forget what was computed of a day, to save memory."""
        self._by_status.pop(day, None)
        self._drawn.pop(day, None)

    def _with_status(self, day: date, statuses: AbstractSet[CommentStatus]) -> list[VideoFacts]:
        """The videos of a day that have one of these statuses, in the order of the day."""
        note = self.notes.get(day)
        if note and not statuses & note.counts.keys():
            return []
        by_status = self.by_status(day)
        wanted = {video.video_id for status in statuses for video in by_status.get(status, ())}
        return [video for video in self.videos_by_day.get(day, []) if video.video_id in wanted] if wanted else []

    def videos_without_all_comments(self, day: date) -> list[VideoFacts]:
        """Videos of a day whose comments the study collects but that have not all landed, in the order of requests.

        Videos that are too young (`NOT_DUE`) are included.
        """
        return self._in_order(self._with_status(day, MISSING)) if self.rules.wanted else []

    def _in_order(self, videos: list[VideoFacts]) -> list[VideoFacts]:
        """The order of requests: where videos are sampled, a day that is cut short must still be a random sample."""
        sample = self.rules.sample
        return sorted(videos, key=lambda video: random_number(video.video_id, sample.seed)) if sample else videos

    def failed(self, day: date) -> list[VideoFacts]:
        """Videos of a day whose comments the server did not return, or returned unreadable."""
        return self._with_status(day, {CommentStatus.FAILED})

    def needs_request(self, day: date) -> bool:
        """Whether a video of a day needs a request."""
        return self.rules.wanted and bool(self.note(day).to_request)

    def subjects(self, day: date) -> Collection[str]:
        """The ids of a day's videos; none if the study collects no comments."""
        return {str(video.video_id) for video in self.videos_by_day.get(day, [])} if self.rules.wanted else ()

    def videos_to_request(self, day: date) -> list[VideoFacts]:
        """Videos without all comments, of any age, then those that failed or were refused without a reason long ago."""
        note = self.notes.get(day)
        if not self.rules.wanted or (note and not note.to_request):
            return []
        again = [video for video in self._of_another_try(day) if self._may_try_again(video)]
        return self.videos_without_all_comments(day) + again

    def _of_another_try(self, day: date) -> list[VideoFacts]:
        """Videos of a day that failed, then those that were refused without a reason."""
        refused = self._with_status(day, {CommentStatus.REFUSED})
        return self.failed(day) + [video for video in refused if self._is_refused_for_unknown_reason(video)]

    def videos_to_list_again(self, day: date, since: datetime) -> list[VideoFacts]:
        """Videos that may have comments and have no complete listing that was begun since then."""
        if not self.rules.wanted:
            return []
        return [
            video
            for video in self.videos_by_day.get(day, [])
            if self.status(video) not in NOT_REQUESTED
            and not ((listing := self.listings.get(str(video.video_id))) and listing.is_whole_since(since))
        ]

    def _is_refused_for_unknown_reason(self, video: VideoFacts) -> bool:
        listing = self.listings.get(str(video.video_id))
        return listing is not None and listing.refusal is Refusal.UNKNOWN

    def _may_try_again(self, video: VideoFacts) -> bool:
        again_at = self._again_at(video)
        return again_at is not None and again_at <= self.now

    def _again_at(self, video: VideoFacts) -> datetime | None:
        """When a video that failed, or was refused without a reason, may be requested again; None if never."""
        tried = [entry for looks in (self.listings, self.replies) if (entry := looks.get(str(video.video_id)))]
        last = max(tried, key=lambda entry: (entry.last_at, entry.failures))
        if last.refusal is Refusal.UNKNOWN:
            return last.last_at + timedelta(days=UNKNOWN_REFUSAL_DAYS)
        # An answer that cannot be read is requested again only with `--again`.
        return retry_at(last, tries=last.failures) if last.failures else None


def _ended(video: VideoFacts, listing: PageEntry) -> CommentStatus:
    if listing.ends is StopReason.COMPLETE:
        # Comments that are deleted or hidden keep their slots; only a video that is not shown has none.
        is_empty = listing.slots == 0 and bool(video.comment_count)
        return CommentStatus.NONE_RETURNED if is_empty else CommentStatus.COMPLETE
    return CommentStatus.CAPPED_AT_1000 if listing.cursor >= MOST_COMMENTS else CommentStatus.CAPPED
