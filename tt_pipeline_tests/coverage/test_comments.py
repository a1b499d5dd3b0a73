"""The comments of every video have exactly one status, and the chance of each video is known before the draw."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tt_pipeline.coverage.asset_days import AssetDay, comment_days
from tt_pipeline.coverage.comments import CommentCoverage
from tt_pipeline.coverage.sampling import draw_each_video, random_number, size_class
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.ingestion.threads import Threads
from tt_pipeline.landing import PageEntry, VideoFacts
from tt_pipeline.studies import CommentRules, CommentSample
from tt_pipeline.vocabulary import CommentStatus, Refusal, SearchStatus, StopReason, Username, VideoId

DAY = date(2026, 10, 2)


def at_age(days: float) -> datetime:
    """Noon of the UTC day on which DAY is this many days old."""
    return datetime(2026, 10, 2, 12, tzinfo=UTC) + timedelta(days=days)


def video(number: int, comment_count: int | None = 9) -> VideoFacts:
    """A video of DAY."""
    return VideoFacts(video_id=VideoId(number), day=DAY, username=Username("lena"), comment_count=comment_count)


def comments(
    rules: CommentRules,
    videos: Sequence[VideoFacts],
    now: datetime,
    *,
    listings: Mapping[str, PageEntry] | None = None,
    replies: Mapping[str, PageEntry] | None = None,
) -> CommentCoverage:
    """The coverage of the comments of a day's videos, all found by one search."""
    search_of = {each.video_id: "climate" for each in videos}
    return CommentCoverage(rules, now, {DAY: videos}, listings or {}, replies or {}, lambda _: search_of)


def listing(**override: Any) -> PageEntry:
    """A complete listing of comments."""
    fields: dict[str, Any] = {
        "subject": "77",
        "look": 1,
        "day": DAY,
        "first_at": at_age(12),
        "last_at": at_age(12),
        "pages": 1,
        "slots": 5,
        "records": 5,
        "cursor": 5,
        "failures": 0,
        "refusal": None,
        "ends": StopReason.COMPLETE,
    }
    return PageEntry(**fields | override)


@pytest.mark.parametrize(
    ("count", "listed", "age", "status"),
    [
        (0, None, 12, CommentStatus.NO_COMMENTS),
        (2, None, 12, CommentStatus.BELOW_MINIMUM),
        (9, None, 11, CommentStatus.NOT_DUE),
        (9, None, 12, CommentStatus.NEVER_ASKED),
        (None, None, 12, CommentStatus.NEVER_ASKED),
        (9, listing(), 12, CommentStatus.COMPLETE),
        (9, listing(slots=0, records=0), 12, CommentStatus.NONE_RETURNED),
        (9, listing(slots=9, records=0), 12, CommentStatus.COMPLETE),
        (None, listing(slots=0, records=0), 12, CommentStatus.COMPLETE),
        (9, listing(ends=None), 12, CommentStatus.PAUSED),
        (9, listing(ends=StopReason.COMMENT_CAP, cursor=1000), 12, CommentStatus.CAPPED_AT_1000),
        (9, listing(ends=StopReason.COMMENT_CAP, cursor=300), 12, CommentStatus.CAPPED),
        (9, listing(ends=StopReason.COMMENT_CAP, cursor=100), 12, CommentStatus.PAUSED),
        (9, listing(ends=StopReason.UNAVAILABLE), 12, CommentStatus.FAILED),
        (9, listing(ends=StopReason.REFUSED, refusal=Refusal.PRIVATE), 12, CommentStatus.REFUSED),
        (9, listing(ends=StopReason.REFUSED, refusal=Refusal.REFUSED), 12, CommentStatus.CLOSED),
    ],
)
def test_a_video_has_one_status(count: int | None, listed: PageEntry | None, age: int, status: CommentStatus) -> None:
    """Zero, too few, not yet, none of several, complete, capped, refused and failed differ; missing is not zero."""
    rules = CommentRules(wanted=True, after_days=12, min_comments=3, max_per_video=300)
    listings = {"77": listed} if listed else {}

    assert comments(rules, [video(77, count)], at_age(age), listings=listings).status(video(77, count)) is status


WITH_REPLIES = CommentRules(wanted=True, replies=True)


@pytest.mark.parametrize(
    ("replies", "status"),
    [
        ({}, CommentStatus.PAUSED),
        ({"77": listing(ends=StopReason.COMPLETE)}, CommentStatus.COMPLETE),
        ({"77": listing(ends=StopReason.UNAVAILABLE)}, CommentStatus.FAILED),
    ],
)
def test_with_replies_a_listing_is_not_enough(replies: Mapping[str, PageEntry], status: CommentStatus) -> None:
    """A listed video is paused until its replies are complete or refused."""
    coverage = comments(WITH_REPLIES, [video(77)], at_age(12), listings={"77": listing()}, replies=replies)

    assert coverage.status(video(77)) is status


def test_threads_list_the_missing_replies() -> None:
    """A complete comment is left out; a reply's own parent is no thread, and a missing count is not a missing reply."""
    threads = Threads(VideoId(1))
    threads.add([{"id": "10", "parent_comment_id": "1", "reply_count": 2}, {"id": 11, "parent_comment_id": 10}])
    threads.add([{"id": 12, "parent_comment_id": 1, "reply_count": 1}, {"id": 13, "parent_comment_id": 12}])
    threads.add([{"id": 14, "parent_comment_id": 1}, {"id": None}])

    assert threads.with_missing_replies() == [10]


@pytest.mark.parametrize("parent", [None, "", 0, "0", -1, 1, "1"])
def test_a_comment_that_names_no_other_comment_begins_a_thread(parent: object) -> None:
    """By 0 and less a server says that there is no parent, as by leaving it out."""
    threads = Threads(VideoId(1))
    threads.add([{"id": 10, "parent_comment_id": parent, "reply_count": 2}, {"id": 0, "reply_count": 2}])

    assert threads.with_missing_replies() == [10]


SAMPLED = CommentRules(wanted=True, sample=CommentSample(per_stratum=2, seed=7))
VIDEOS = [video(number, count) for number, count in enumerate([3, 4, 5, 6, 40, 4000, None, 0], start=1)]


def test_each_stratum_is_drawn_with_a_known_probability() -> None:
    """Two of four small videos have probability one half; a stratum of one has one; zero comments are no stratum."""
    coverage = comments(SAMPLED, VIDEOS, at_age(12))
    drawn = Counter((d.stratum, d.probability) for d in coverage.drawings.values() if d.is_drawn)
    day = "climate 2026-10-02"

    assert drawn == {
        (f"{day} 1+", 0.5): 2,
        (f"{day} 10+", 1.0): 1,
        (f"{day} 1000+", 1.0): 1,
        (f"{day} unknown", 1.0): 1,
    }
    statuses = Counter(coverage.status(each) for each in VIDEOS)
    assert statuses == {CommentStatus.NEVER_ASKED: 5, CommentStatus.NOT_SAMPLED: 2, CommentStatus.NO_COMMENTS: 1}


def test_a_draw_does_not_depend_on_order_and_hardly_on_latecomers() -> None:
    """The same seed draws the same videos; a new video in a stratum displaces at most one; another seed differs."""
    videos = [video(number, 5) for number in range(1, 101)]
    sample = CommentSample(per_stratum=10, seed=1)

    def drawn(frame: Sequence[VideoFacts], sample: CommentSample) -> set[int]:
        found = draw_each_video(frame, {each.video_id: "climate" for each in frame}, sample)
        return {video_id for video_id, drawing in found.items() if drawing.is_drawn}

    first = drawn(videos, sample)
    assert drawn(list(reversed(videos)), sample) == first
    assert len(first - drawn([*videos, video(500, 5)], sample)) <= 1
    assert drawn(videos, CommentSample(per_stratum=10, seed=2)) != first


def test_a_paused_video_that_left_the_frame_is_finished_all_the_same() -> None:
    """A higher minimum takes a half-collected video out of the draw; the rest of it is still requested."""
    rules = CommentRules(wanted=True, min_comments=50, sample=CommentSample(per_stratum=2))
    coverage = comments(rules, [video(77)], at_age(12), listings={"77": listing(ends=None)})

    assert coverage.videos_to_request(DAY) == [video(77)]


@pytest.mark.parametrize(
    "held",
    [
        listing(ends=None),
        listing(ends=StopReason.UNAVAILABLE, failures=1, last_at=at_age(-99)),
        listing(ends=StopReason.REFUSED, refusal=Refusal.UNKNOWN, last_at=at_age(-99)),
    ],
)
def test_a_study_without_comments_requests_none(held: PageEntry) -> None:
    """What an earlier study left paused or failed is not finished, and the day does not wait for it."""
    coverage = comments(CommentRules(wanted=False), [video(77)], at_age(40), listings={"77": held})

    assert (coverage.videos_to_request(DAY), coverage.videos_without_all_comments(DAY)) == ([], [])


@pytest.mark.parametrize(
    ("cap", "raised_to", "at_first", "later"),
    [
        (899, 1_000, CommentStatus.CAPPED, CommentStatus.PAUSED),
        (900, 1_000, CommentStatus.CAPPED, CommentStatus.PAUSED),
        (999, 1_000, CommentStatus.CAPPED, CommentStatus.PAUSED),
        (1_000, 1_000, CommentStatus.CAPPED_AT_1000, CommentStatus.CAPPED_AT_1000),
    ],
)
def test_only_the_thousandth_comment_is_the_limit_of_the_api(
    cap: int, raised_to: int, at_first: CommentStatus, later: CommentStatus
) -> None:
    """Below it the study's own cap ended the listing, which goes on when the study raises the cap."""
    held = {"77": listing(ends=StopReason.COMMENT_CAP, cursor=cap)}

    def status(max_per_video: int) -> CommentStatus:
        rules = CommentRules(wanted=True, max_per_video=max_per_video)
        return comments(rules, [video(77)], at_age(12), listings=held).status(video(77))

    assert (status(cap), status(raised_to)) == (at_first, later)


@pytest.mark.parametrize(("failures", "waits_days"), [(1, 1), (2, 2), (3, 4)])
def test_a_failed_video_waits_longer_each_time(failures: int, waits_days: int) -> None:
    """Failures in a row are counted, not looks: after the third the video waits for four days."""
    failed = listing(look=9, ends=StopReason.UNAVAILABLE, failures=failures)

    def is_due(days: float) -> bool:
        coverage = comments(CommentRules(wanted=True), [video(77)], at_age(12 + days), listings={"77": failed})
        return bool(coverage.videos_to_request(DAY))

    assert (is_due(waits_days - 0.1), is_due(waits_days)) == (False, True)


def test_drawn_videos_are_requested_in_random_order() -> None:
    """So an unfinished day is still a random sample; without a sample the most commented videos come first."""
    coverage = comments(SAMPLED, VIDEOS, at_age(12))
    requested = [each.video_id for each in coverage.videos_without_all_comments(DAY)]

    assert requested == sorted(requested, key=lambda video_id: random_number(video_id, 7))


def test_sizes_are_powers_of_ten() -> None:
    """The strata fit a heavy tail."""
    counts = [None, 0, 1, 9, 10, 999, 1000]
    assert [size_class(n) for n in counts] == ["unknown", "0", "1+", "1+", "10+", "100+", "1000+"]


@pytest.mark.parametrize(
    ("landed", "status", "missing"),
    [
        ((), SearchStatus.NEVER_ASKED, 4),
        ((1, 2), SearchStatus.PARTIAL, 2),
        ((1, 2, 3, 4), SearchStatus.COMPLETE, 0),
    ],
)
def test_a_day_counts_videos_with_and_without_comments(
    landed: Sequence[int], status: SearchStatus, missing: int
) -> None:
    """A half-collected day is partial, and says how many of how many videos are missing."""
    rules = CommentRules(wanted=True, after_days=12)
    videos = [video(number) for number in (1, 2, 3, 4)] + [video(5, comment_count=0)]
    listings = {f"{number}": listing(subject=f"{number}") for number in landed}
    coverage = SimpleNamespace(
        comments=comments(rules, videos, at_age(12), listings=listings),
        now=at_age(12),
        study=SimpleNamespace(comments=rules),
        searches=SimpleNamespace(why_videos_may_follow=lambda _: ""),
    )

    (day,) = comment_days(cast("StudyCoverage", coverage), [DAY])
    assert day == AssetDay(day=DAY, status=status, subjects=4, missing=missing)
