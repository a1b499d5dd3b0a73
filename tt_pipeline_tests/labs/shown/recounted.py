"""The numbers of the report's figures of some searches and days, counted in Python from the stored rows.

It shares no SQL with the product: tables are read as a whole, and rows are chosen, joined and counted here.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from tt_pipeline.reports import Figure

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Recounted:
    """The stored rows of a published file, of some searches and days.

    Attributes:
        file: The published file; its study has no search of ids and no account to observe.
        searches: The searches.
        first_day: First UTC day of posting.
        last_day: The last one.
    """

    file: Path
    searches: Collection[str]
    first_day: date
    last_day: date

    def rows(self, table: str) -> list[Row]:
        """All rows of a table."""
        with duckdb.connect(self.file, read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            found = connection.execute(f"from {table}")
            names = [column[0] for column in found.description]
            return [dict(zip(names, values, strict=True)) for values in found.fetchall()]

    def fits(self, day: date | None) -> bool:
        """Whether a day is one of the days."""
        return day is not None and self.first_day <= day <= self.last_day

    @cached_property
    def videos(self) -> dict[int, Row]:
        """Videos that the searches found, in any version, and that were posted on the days."""
        found = {row["video_id"] for row in self.rows("core.found_videos") if row["search"] in self.searches}
        return {
            row["video_id"]: row
            for row in self.rows("core.videos")
            if row["video_id"] in found and self.fits(row["created_date"])
        }

    @cached_property
    def found(self) -> list[Row]:
        """What the present searches found."""
        return [
            row
            for row in self.rows("core.found_videos")
            if row["search"] in self.searches
            and row["video_id"] in self.videos
            and row["is_current"]
            and row["kind"] != "once"
        ]

    @cached_property
    def fitting_of(self) -> dict[str, set[int]]:
        """By search its videos that fit, or of which nobody knows."""
        searches = {row["search"] for row in self.found}
        fits = [row for row in self.found if row["matches"] is not False]
        return {search: {row["video_id"] for row in fits if row["search"] == search} for search in searches}

    @property
    def fitting(self) -> set[int]:
        """Videos that fit a search."""
        return set().union(*self.fitting_of.values())

    def of_study(self, table: str, *, of: Collection[int] | None = None) -> list[Row]:
        """Rows of the videos that the present searches found, or of others."""
        ids = {row["video_id"] for row in self.found} if of is None else of
        return [row for row in self.rows(table) if row["video_id"] in ids]

    def of_days(self, table: str, **wanted: Collection[Any]) -> list[Row]:
        """Rows of the searches and days, with these values in columns."""
        return [
            row
            for row in self.rows(table)
            if row["search"] in self.searches
            and self.fits(row["day_date"])
            and all(row[column] in values for column, values in wanted.items())
        ]

    @cached_property
    def creator_of(self) -> dict[int, str]:
        """The creator of each video; handles that a rename connects are one."""
        renamed = {row["username"]: row["creator_id"] for row in self.rows("core.renamed_handles")}
        return {each: renamed.get(row["username"]) or row["username"] for each, row in self.videos.items()}


def _times(values: Iterable[Any]) -> dict[Any, int]:
    return dict(Counter(values))


def _comments(data: Recounted) -> dict[Any, int]:
    return _times(row["status"] for row in data.of_study("ops.comment_coverage"))


def _estimated_comments(data: Recounted) -> float:
    drawn = data.of_study("ops.comment_coverage", of=data.videos)
    weighted = [row["comments_held"] * row["weight"] for row in drawn if row["stratum"] and row["weight"]]
    return float(round(sum(weighted), 6))


def _growth(data: Recounted) -> dict[str, float]:
    """Search: the median of the growth between the first two days on which it saw a video; 30 videos or more."""
    loads = {row["load_id"]: row for row in data.rows("ops.loads") if row["dataset"] == "videos"}
    not_fitting = {(row["search"], row["video_id"]) for row in data.found if row["matches"] is False}
    current = {row["fingerprint"] for row in data.rows("ops.searches") if row["is_current"]}
    last: dict[tuple[str, int], dict[date, tuple[datetime, int]]] = defaultdict(dict)
    for row in data.of_study("core.video_snapshots", of=data.videos):
        load = loads.get(row["load_id"])
        if load is None or load["fingerprint"] not in current or load["search"] not in data.searches:
            continue
        of_video = last[load["search"], row["video_id"]]
        day = row["observed_at"].astimezone(UTC).date()
        of_video[day] = max(of_video.get(day, (row["observed_at"], -1)), (row["observed_at"], row["view_count"]))
    grown: dict[str, list[int]] = defaultdict(list)
    for (search, video_id), of_video in last.items():
        if (search, video_id) not in not_fitting and len(of_video) > 1:
            (_, before), (_, after), *_ = (of_video[day] for day in sorted(of_video))
            grown[search].append(after - before)
    return {search: median(growths) for search, growths in grown.items() if len(growths) >= 30}


def _requests(data: Recounted) -> list[Row]:
    rows = data.rows("ops.requests")
    return [row for row in rows if row["search"] in data.searches and data.fits(row["quota_date"])]


def _quota(data: Recounted) -> dict[Any, int]:
    return _times((row["quota_date"], row["dataset"]) for row in _requests(data) if row["is_charged"])


def _hashtags(data: Recounted) -> list[tuple[str, int]]:
    videos: dict[str, set[int]] = defaultdict(set)
    for row in data.of_study("core.video_hashtags", of=data.fitting):
        videos[row["hashtag_name"].lower()].add(row["video_id"])
    common = {tag: ids for tag, ids in videos.items() if len({data.creator_of[each] for each in ids}) >= 3}
    return sorted(((tag, len(ids)) for tag, ids in common.items()), key=lambda row: (-row[1], row[0]))[:20]


def _effects(data: Recounted) -> dict[Any, int]:
    return _times(row["effect_name"] for row in data.of_study("core.video_effects", of=data.fitting))


def _most(values: Iterable[Any]) -> list[int]:
    return sorted(Counter(values).values(), reverse=True)[:20]


def _hours(data: Recounted) -> dict[Any, int]:
    kinds = {(row["kind"], row["video_id"]) for row in data.found if row["matches"] is not False}
    return _times(
        (kind, data.videos[each]["created_at"].astimezone(UTC).isoweekday(), data.videos[each]["created_at"].hour)
        for kind, each in kinds
        if kind in {"list", "sample"}
    )


def _concentration(data: Recounted) -> dict[str, float]:
    """Search: the share of all views that the most seen half of its videos has."""
    views = {row["video_id"]: row["view_count"] for row in data.rows("core.latest_video_snapshots")}
    shares = {}
    for search, ids in data.fitting_of.items():
        of_search = sorted((views[each] for each in ids if views[each] is not None), reverse=True)
        shares[search] = round(sum(of_search[: -(-len(of_search) // 2)]) / sum(of_search), 9)
    return shares


def _survival(data: Recounted) -> dict[str, float]:
    """Search: the share of its videos that is left at the end."""
    rows = [
        row
        for row in data.rows("marts.video_survival")
        if row["search"] in data.searches and row["is_current"] and row["matches"] is not False and row["is_looked_for"]
        and data.fits(row["created_date"])
    ]  # fmt: skip
    left: dict[str, float] = {}
    for search in {row["search"] for row in rows}:
        exposures = [(round(row["exposure_days"], 1), row["is_gone"]) for row in rows if row["search"] == search]
        share = 1.0
        for day in sorted({days for days, _ in exposures}):
            at_risk = sum(days >= day for days, _ in exposures)
            share *= 1 - sum(gone for days, gone in exposures if days == day) / at_risk
        left[search] = round(share, 9)
    return left


def _hidden(data: Recounted) -> set[Any]:
    rows = data.of_days("ops.look_coverage", is_current=[True], ends=["complete"], draw=[None])
    return {
        (row["search"], row["look"], row["window_slots"], row["window_hidden"]) for row in rows if row["window_slots"]
    }


def videos_with_both(data: Recounted) -> Callable[[str, str, str], int]:
    """The number of videos of a search that have two hashtags."""
    tags: dict[int, set[str]] = defaultdict(set)
    for row in data.of_study("core.video_hashtags", of=data.fitting):
        tags[row["video_id"]].add(row["hashtag_name"].lower())
    return lambda search, one, other: sum({one, other} <= tags[each] for each in data.fitting_of[search])


def _threads(data: Recounted) -> dict[str, int]:
    comments = {row["comment_id"]: row for row in data.of_study("core.comments")}
    replies: Counter[int] = Counter()
    for row in comments.values():
        above = row
        while above and above["is_reply"]:
            above = comments.get(above["parent_comment_id"], {})
        if row["is_reply"] and above:
            replies[above["comment_id"]] += 1
    numbers = [replies[each] for each, row in comments.items() if not row["is_reply"]]
    return _times("over 10" if n > 10 else "4 to 10" if n > 3 else str(n) for n in numbers)


def _regions(data: Recounted) -> dict[Any, int]:
    """Search and region: its videos, for the ten most frequent regions of each search."""
    shown = {}
    for search, ids in data.fitting_of.items():
        times = Counter(data.videos[each]["region_code"] or "none" for each in ids)
        first = sorted(times.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
        shown.update({(search, region): videos for region, videos in first})
    return shown


def _transcripts(data: Recounted) -> dict[str, int]:
    return {
        search: sum(bool(data.videos[each]["voice_to_text"]) for each in ids) for search, ids in data.fitting_of.items()
    }


def _profiles(data: Recounted) -> dict[str, int]:
    creators = {row["username"] for row in data.videos.values()}
    rows = [
        row for row in data.rows("ops.account_coverage") if row["list"] == "profile" and row["username"] in creators
    ]
    return _times(f"profile {row['status']}" for row in rows)


def _answers(data: Recounted) -> dict[Any, int]:
    return _times((row["endpoint"], row["code"]) for row in _requests(data))


def _checked(data: Recounted) -> dict[str, int]:
    items: Counter[str] = Counter()
    for row in data.rows("ops.checks_due"):
        if data.fits(row["verified_date"]):
            items[row["kind"]] += row["items"]
    return dict(items)


def recounted(data: Recounted) -> dict[str, Any]:
    """By the name of a figure its numbers, as `numbers_of` picks them from its rows."""
    volume = [row for row in data.of_days("marts.daily_volume", kind=["list", "capped"]) if row["status"]]
    draws = data.of_days("marts.daily_volume", kind=["sample"])
    return {
        "coverage": _times(row["search"] for row in data.of_days("ops.search_coverage")),
        "volume": [(row["day_date"], row["videos_fitting_in_last_look"]) for row in volume],
        "draws": [(row["day_date"], row["videos"]) for row in draws],
        "comments": _comments(data),
        "estimates": _estimated_comments(data),
        "growth": _growth(data),
        "quota": _quota(data),
        "hashtags": _hashtags(data),
        "sounds": _most(filter(None, (data.videos[each]["music_id"] for each in data.fitting))),
        "effects": _effects(data),
        "creators": _most(data.creator_of[each] for each in data.fitting),
        "hours": _hours(data),
        "concentration": _concentration(data),
        "survival": _survival(data),
        "hidden": _hidden(data),
        "threads": _threads(data),
        "regions": _regions(data),
        "labels": _transcripts(data),
        "people": _profiles(data),
        "health": _answers(data),
        "duties": _checked(data),
    }


def numbers_of(figures: Iterable[Figure]) -> dict[str, Any]:
    """By the name of a figure its numbers, as `recounted` has them."""
    rows = {each.name: each.rows.rows for each in figures}
    last = {name: {row["search"]: row for row in rows.get(name, ())} for name in ("concentration", "survival")}
    halves = {
        search: next(row for row in rows["concentration"] if row["search"] == search and row["share_of_videos"] >= 0.5)
        for search in last["concentration"]
    }
    profiles = {row["result"]: row["accounts"] for row in rows["people"] if row["result"] != "renamed"}
    return {
        "coverage": _summed(rows["coverage"], "days", "search"),
        "volume": [(row["day_date"], row["videos_fitting"]) for row in rows.get("volume", ())],
        "draws": [(row["day_date"], row["videos_drawn"]) for row in rows.get("draws", ())],
        "comments": _summed(rows["comments"], "videos", "status"),
        "estimates": next(
            round(row["estimate"], 6) for row in rows["estimates"] if row["quantity"] == "comments in total"
        ),
        "growth": {
            row["search"]: row["view_growth_median"] for row in rows.get("growth", ()) if row["observation_number"] == 1
        },
        "quota": _summed(rows.get("quota", ()), "requests", "quota_date", "dataset"),
        "hashtags": [(row["hashtag"], row["videos"]) for row in rows["hashtags"]],
        "sounds": [row["videos"] for row in rows["sounds"]],
        "effects": _summed(rows["effects"], "videos", "effect_name"),
        "creators": [row["videos"] for row in rows["creators"]],
        "hours": _summed(rows.get("hours", ()), "videos", "kind", "weekday", "hour"),
        "concentration": {search: round(row["share_of_views"], 9) for search, row in halves.items()},
        "survival": {search: round(row["share_left"], 9) for search, row in last["survival"].items()},
        "hidden": {(row["search"], row["look"], row["slots"], row["hidden"]) for row in rows.get("hidden", ())},
        "threads": _summed(rows["threads"], "threads", "replies"),
        "regions": _summed(rows["regions"], "videos", "search", "region_code"),
        "labels": {row["search"]: row["videos_with_field"] for row in rows["labels"] if row["field"] == "transcript"},
        "people": profiles,
        "health": _summed(rows.get("health", ()), "requests", "endpoint", "answer"),
        "duties": _summed(rows.get("duties", ()), "items", "kind"),
    }


def _summed(rows: Iterable[Row], number: str, *names: str) -> dict[Any, int]:
    sums: Counter[Any] = Counter()
    for row in rows:
        sums[row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)] += row[number]
    return dict(sums)
