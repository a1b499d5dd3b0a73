"""Computes the evidence of a plan from what the queries of a study have found so far.

Each search is calibrated separately. A search that has not landed is estimated from its earlier query if an edit only
left videos out; otherwise the assumptions stay, because nobody knows how many videos the new query finds.
"""

import math
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from tt_pipeline.coverage import (
    StudyCoverage,
    age_days,
    days_between,
    index_of,
    random_number,
    reached_end_or_cap,
)
from tt_pipeline.landing import LandingZone, VideoFacts, WindowEntry, shared_landing
from tt_pipeline.planning import assumptions
from tt_pipeline.planning.comments import CommentCounts, Replies
from tt_pipeline.planning.earlier_queries import KnownDays, days_of, known_days
from tt_pipeline.planning.estimate import ONE, Z_90, Estimate, mean_and_spread
from tt_pipeline.planning.evidence import (
    KNOWN_PEOPLE,
    KNOWN_VIDEOS,
    Evidence,
    UnfinishedWindows,
    VideoRate,
    assumed,
    number_of_accounts,
)
from tt_pipeline.planning.lists import known_lists
from tt_pipeline.planning.people import CalibratedPeople
from tt_pipeline.planning.searches import max_videos_a_day, planned_days
from tt_pipeline.settings import Settings, check_folders
from tt_pipeline.studies import CommentSample, Search, Study, StudyQuery
from tt_pipeline.vocabulary import StopReason, VideoId

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt status` does without
    import polars as pl

_FEWEST_VIDEOS: Final = 30
"""With fewer videos, the assumptions about comments and people stay, because one viral video would decide."""


@contextmanager
def open_coverage(settings: Settings, study: Study) -> Iterator[StudyCoverage | None]:
    """Open the coverage of a study without a client key and ledger; None if the data dir does not exist."""
    if not settings.files.landing.exists():
        yield None
        return
    check_folders(settings)
    with LandingZone(settings.files.landing, shared=shared_landing(settings)) as zone:
        yield StudyCoverage(study, index_of(study, zone.index), settings.open_clock().now())


def calibrated(coverage: StudyCoverage, *, videos_per_day: Mapping[str, float] | None = None) -> Evidence:
    """The evidence from the landed pages of a study, and assumptions for searches that have not landed.

    Args:
        coverage: What has landed.
        videos_per_day: Overrides for searches that have not landed, by their names.
    """
    finds = {
        query.fingerprint: _finds(coverage, query, coverage.landed.windows_with(query.fingerprint))
        for query in coverage.study.queries
    }
    before = assumed(coverage.study, coverage.now, videos_per_day=videos_per_day)
    edits = {search.name: edit for search in coverage.study.searches if (edit := _edit(coverage, search, finds))}
    rates = {each: _rate(find, before.rates[each].most) or before.rates[each] for each, find in finds.items()}
    rates |= {edit.fingerprint: edit.rate(before.rates[edit.fingerprint]) for edit in edits.values()}
    own = found_videos(coverage) if _needs_videos(coverage.study) else _frame_of(coverage, (), {})
    found = _with_known(own, coverage, edits)
    videos, creators, named = known_videos(coverage, found), _creators(coverage, found), _named(coverage, found)
    people = CalibratedPeople(_frequencies(creators), accounts=number_of_accounts(coverage.study))
    has_enough = people.names >= _FEWEST_VIDEOS
    return Evidence(
        rates=rates,
        counts=_counts(videos, list(finds.values())) or _counts_of_edits(coverage, edits) or before.counts,
        seen={fingerprint: find.seen_at for fingerprint, find in finds.items()},
        unfinished={fingerprint: find.unfinished for fingerprint, find in finds.items()},
        known={edit.fingerprint: edit.known.days for edit in edits.values()},
        distinct_landed=_distinct(list(finds.values()), _number_found(coverage)),
        videos=videos,
        creators=creators.select(list(KNOWN_PEOPLE)),
        calibrated_creators=people if has_enough else None,
        named=named.select(list(KNOWN_PEOPLE)),
        calibrated_named=_calibrated_named(named, people.names) if has_enough else None,
        replies=known_replies(coverage),
        stored=_stored(coverage),
        lists=known_lists(coverage.account_lists) if coverage.study.accounts else before.lists,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finds:
    """What a query has found.

    Attributes:
        seen_at: The age in days that each day had at its latest complete look.
        videos: Number of videos of each such day.
        slots_a_video: None while no video is found.
    """

    seen_at: dict[date, int]
    videos: dict[date, float]
    slots_a_video: float | None
    unfinished: UnfinishedWindows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """An edited search whose present query has not landed, and what its earlier queries found."""

    fingerprint: str
    find: _Finds
    known: KnownDays

    def rate(self, before: VideoRate) -> VideoRate:
        """No more videos than before if the edit only leaves videos out; otherwise what is assumed, and not less.

        `--videos-per-day` takes precedence.
        """
        measured = _rate(self.find, before.most)
        if before.is_override or not measured:
            return before
        mean = measured.videos.likely
        earlier, new = assumptions.EDITED.times(mean), before.videos
        if self.known.days:
            return replace(measured, videos=earlier.at_most(mean), days=0, earlier_days=measured.days)
        videos = Estimate(earlier.low, max(earlier.likely, new.likely), max(earlier.high, new.high))
        return replace(before, videos=videos.at_most(before.most))


def _edit(coverage: StudyCoverage, search: Search, finds: Mapping[str, _Finds]) -> _Edit | None:
    older = coverage.landed.older_looks(search)
    if not older or search.sample or search.parts or finds[search.fingerprint].videos:
        return None
    outdated = coverage.searches.outdated_days(search, days_of(older))
    known = known_days(coverage, search, outdated)
    return _Edit(fingerprint=search.fingerprint, find=_finds(coverage, search, older), known=known)


def _finds(coverage: StudyCoverage, query: StudyQuery, own: Sequence[WindowEntry]) -> _Finds:
    looks = sorted(filter(reached_end_or_cap, own), key=lambda window: window.first_at)
    seen_at: dict[date, int] = {}
    videos: dict[date, float] = {}
    for look in looks:
        for day in days_between(look.first_day, look.last_day):
            seen_at[day] = max(age_days(day, look.first_at), seen_at.get(day, 0))
            videos[day] = look.by_day.get(day, 0)
    if query.sample:
        videos = _sampled_videos(coverage, query, looks, videos)
    records, slots = sum(look.records for look in looks), sum(look.slots for look in looks)
    unfinished = [window for window in own if window.ends is None]
    return _Finds(
        seen_at=seen_at,
        videos=videos,
        slots_a_video=max(1.0, slots / records) if records else None,
        unfinished=UnfinishedWindows(
            pages=sum(w.pages for w in unfinished), records=sum(w.records for w in unfinished)
        ),
    )


def _sampled_videos(
    coverage: StudyCoverage, query: StudyQuery, looks: Sequence[WindowEntry], days: Mapping[date, float]
) -> dict[date, float]:
    """Different videos of each day, but not more than the study's present number of draws can find."""
    found = Counter(video.day for video in coverage.index.found_videos({query.fingerprint}, date.min, date.max))
    return {
        day: min(found[day], max_videos_a_day(query, _number_of_looks(day, looks, coverage.study.looks)))
        for day in days
    }


def _number_of_looks(day: date, looks: Sequence[WindowEntry], ages: Sequence[int]) -> int:
    """The number of the study's ages at which a day was requested; a look before the first age counts as one."""
    return len({bisect(ages, age_days(day, look.first_at)) for look in looks if look.covers(day)})


def _rate(find: _Finds, most: float) -> VideoRate | None:
    if not find.videos:
        return None
    mean, spread = mean_and_spread(list(find.videos.values()))
    ratio = find.slots_a_video
    slots = Estimate(1 + (ratio - 1) / 2, ratio, 1 + (ratio - 1) * 2) if ratio else assumptions.SLOTS_A_VIDEO
    videos = Estimate.within(mean, spread).at_most(most)
    return VideoRate(videos=videos, slots_a_video=slots, days=len(find.videos), spread=spread, most=most)


def _counts(videos: "pl.DataFrame", finds: Sequence[_Finds]) -> CommentCounts | None:
    """The comment counts of videos that are old enough; if these are too few, those of all found videos."""
    import polars as pl

    ages = [find.seen_at.items() for find in finds]
    settled = {day for days in ages for day, age in days if age >= assumptions.SETTLED_AFTER_DAYS}
    counted = videos.filter(pl.col("day").is_in(settled))
    growth = Estimate(0.97, 1, 1.06)  # comments are requested some days after their number was read
    if counted.height < _FEWEST_VIDEOS:
        counted, growth = videos, assumptions.YOUNG_COUNTS
    if counted.height < _FEWEST_VIDEOS:
        return None
    counts = counted.group_by("comment_count").agg(weight=pl.len() / counted.height).sort("comment_count")
    return CommentCounts(fewer=counts, likely=counts, more=counts, videos=counted.height, growth=growth)


def _counts_of_edits(coverage: StudyCoverage, edits: Mapping[str, _Edit]) -> CommentCounts | None:
    """The comment counts of what earlier queries found, while the present ones have found too few videos."""
    older = {look.fingerprint for search in coverage.study.searches for look in coverage.landed.older_looks(search)}
    found = coverage.index.found_videos(older, date.min, date.max) if edits else []
    videos = _frame_of(coverage, found, dict.fromkeys((video.video_id for video in found), ""))
    return _counts(videos, [edit.find for edit in edits.values()])


def _distinct(finds: Sequence[_Finds], videos: int) -> Estimate:
    """Number of different videos, divided by the sum of the videos of each search."""
    hits = sum(count for find in finds for count in find.videos.values())
    if len(finds) == 1 or not hits:
        return ONE
    return Estimate.within(min(1.0, videos / hits), 0.05).at_most(1)


def _needs_videos(study: Study) -> bool:
    """Whether the price depends on single videos; otherwise a plan over millions of them takes no longer."""
    return study.comments.wanted or study.users.wanted


def _number_found(coverage: StudyCoverage) -> int:
    """The number of planned videos that were found, each once a day."""
    planned = planned_days(coverage.study, coverage.now)
    days = (day for day in coverage.landed.videos_by_day if planned.first_day <= day <= planned.last_day)
    return sum(sum(coverage.comments.note(day).counts.values()) for day in days)


def found_videos(coverage: StudyCoverage) -> "pl.DataFrame":
    """Each planned video that was found, once; `subject` is its id as text."""
    planned = planned_days(coverage.study, coverage.now)
    by_day = coverage.landed.videos_by_day
    found = [
        video for day, videos in by_day.items() if planned.first_day <= day <= planned.last_day for video in videos
    ]
    search_of = {video: search for day in by_day for video, search in coverage.landed.search_of(day).items()}
    return _frame_of(coverage, found, search_of)


def _with_known(own: "pl.DataFrame", coverage: StudyCoverage, edits: Mapping[str, _Edit]) -> "pl.DataFrame":
    """The found videos, and those of earlier queries that an edited search can find again."""
    import polars as pl

    frames = [own]
    for name, edit in edits.items():
        videos = edit.known.videos(coverage)
        frames.append(_frame_of(coverage, videos, {video.video_id: name for video in videos}))
    return pl.concat(frames).unique("subject", keep="first", maintain_order=True) if edits else own


def _frame_of(coverage: StudyCoverage, found: Sequence[VideoFacts], search_of: Mapping[VideoId, str]) -> "pl.DataFrame":
    import polars as pl

    seed = (coverage.study.comments.sample or CommentSample(per_stratum=1)).seed
    return pl.DataFrame(
        {
            "subject": [str(video.video_id) for video in found],
            "day": [video.day for video in found],
            "username": [video.username for video in found],
            "comment_count": [video.comment_count for video in found],
            "mentions": [list(video.mentions) for video in found],
            "search": [search_of[video.video_id] for video in found],
            "number": [random_number(video.video_id, seed) for video in found],
        },
        schema={
            "subject": pl.String,
            "day": pl.Date,
            "username": pl.String,
            "comment_count": pl.Int64,
            "mentions": pl.List(pl.String),
            "search": pl.String,
            "number": pl.Float64,
        },
    )


def known_videos(coverage: StudyCoverage, found: "pl.DataFrame") -> "pl.DataFrame":
    """The found videos and the state of their comments: columns of KNOWN_VIDEOS."""
    import polars as pl

    listings = coverage.landed.listings.values()
    replied = {subject: look.look for subject, look in coverage.comments.replies.items()}
    states = pl.DataFrame(
        {
            "subject": [listing.subject for listing in listings],
            "pages_landed": [0 if listing.ends else listing.pages for listing in listings],
            # Listings that the server could not answer are requested again; every other end is final.
            "is_whole": [listing.ends not in {None, StopReason.UNAVAILABLE} for listing in listings],
            "has_replies": [
                listing.refusal is not None or replied.get(listing.subject, 0) >= listing.look for listing in listings
            ],
        },
        schema={"subject": pl.String, "pages_landed": pl.Int64, "is_whole": pl.Boolean, "has_replies": pl.Boolean},
    )
    return (
        found.join(states, on="subject", how="left")
        .with_columns(
            pl.col("pages_landed").fill_null(0),
            pl.col("is_whole", "has_replies").fill_null(value=False),
        )
        .select(list(KNOWN_VIDEOS))
        .match_to_schema(pl.Schema(KNOWN_VIDEOS))
    )


def _creators(coverage: StudyCoverage, found: "pl.DataFrame") -> "pl.DataFrame":
    """The creators of the found videos: number of videos (`times`), `last_day`, and day of the profile (`profiled`)."""
    return _with_profiles(coverage, found.select("username", "day"))


def _named(coverage: StudyCoverage, found: "pl.DataFrame") -> "pl.DataFrame":
    """The same for all accounts that found videos name: creators and mentioned accounts."""
    import polars as pl

    mentions = found.explode("mentions").select(pl.col("mentions").alias("username"), "day")
    return _with_profiles(coverage, pl.concat([found.select("username", "day"), mentions]))


def _with_profiles(coverage: StudyCoverage, people: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    profiles = [profile for profile in coverage.landed.profiles.values() if profile.ends]
    profiled = pl.DataFrame(
        {
            "username": [profile.subject for profile in profiles],
            "profiled": [profile.last_at.date() for profile in profiles],
        },
        schema={"username": pl.String, "profiled": pl.Date},
    )
    each = people.drop_nulls("username").group_by("username").agg(pl.len().alias("times"), last_day=pl.col("day").max())
    return each.join(profiled, on="username", how="left").select("times", "last_day", "profiled").sort("last_day")


def _frequencies(people: "pl.DataFrame") -> dict[int, int]:
    """Number of people by the number of times that they were found."""
    counted = people.group_by("times").len()
    return dict(zip(counted["times"].to_list(), counted["len"].to_list(), strict=True))


def _calibrated_named(named: "pl.DataFrame", videos: int) -> CalibratedPeople:
    """The people whom found videos name, with the number of these videos."""
    people = CalibratedPeople(_frequencies(named))
    mentions = people.names - videos
    # A creator who mentions one account often mentions others: half of the mentions count as independent.
    mentioned = Estimate.within(mentions / videos, Z_90 * math.sqrt(2 / max(1, mentions)))
    return CalibratedPeople(people.known_by_times, names_a_video=ONE + mentioned)


def _stored(coverage: StudyCoverage) -> tuple[int, int, int]:
    """Videos, comments and profiles that have landed; what several looks have found counts once."""
    listings = {subject: look.records for subject, look in coverage.landed.listings.items()}
    replies = {subject: look.records for subject, look in coverage.landed.replies.items() if subject not in listings}
    videos = sum(sum(coverage.comments.note(day).counts.values()) for day in coverage.landed.videos_by_day)
    profiles = sum(1 for profile in coverage.landed.profiles.values() if not profile.refusal)
    return videos, sum(listings.values()) + sum(replies.values()), profiles


def known_replies(coverage: StudyCoverage) -> Replies:
    """Requests for comments and for replies of the videos whose replies have landed."""
    looks = coverage.comments.replies  # by comment id, and by the id of each video whose replies are complete
    complete = looks.keys() & coverage.landed.listings.keys()
    return Replies(
        listed=sum(coverage.landed.listings[subject].pages for subject in complete),
        requests=sum(look.pages for subject, look in looks.items() if subject not in complete),
    )
