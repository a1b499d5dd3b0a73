"""Recomputes the numbers of the report in plain Python, from the rows of the tables `core` and `ops` alone."""

import json
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

Row = dict[str, Any]
_DAY = timedelta(days=1)


@dataclass
class Tables:
    """The rows of a published file."""

    file: Path
    zone: str = "UTC"
    _read: dict[str, list[Row]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> list[Row]:
        """The rows of a table; an instant is in UTC."""
        if name not in self._read:
            with duckdb.connect(self.file, read_only=True) as connection:
                connection.execute("set timezone = 'UTC'")
                found = connection.execute(f"select * from {name}")
                columns = [column[0] for column in found.description]
                self._read[name] = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        return self._read[name]

    def present(self) -> list[Row]:
        """What the present searches found."""
        return [row for row in self["core.found_videos"] if row["is_current"] and row["kind"] != "once"]

    def fitting(self) -> list[Row]:
        """What of it fits, or cannot be judged."""
        return [row for row in self.present() if row["matches"] is not False]

    def fitting_ids(self) -> set[int]:
        """The ids of the videos that fit."""
        return {row["video_id"] for row in self.fitting()}

    def videos(self) -> dict[int, Row]:
        """Videos by id."""
        return {row["video_id"]: row for row in self["core.videos"]}

    def creator(self, username: str) -> str:
        """The creator of a handle."""
        creators: dict[str, str] = {row["username"]: row["creator_id"] for row in self["core.renamed_handles"]}
        return creators.get(username, username)

    def latest_views(self) -> dict[int, int]:
        """The views in the latest snapshot of each video."""
        latest: dict[int, Row] = {}
        for row in self["core.video_snapshots"]:
            before = latest.get(row["video_id"])
            if before is None or (row["observed_at"], row["load_id"]) > (before["observed_at"], before["load_id"]):
                latest[row["video_id"]] = row
        return {video_id: row["view_count"] for video_id, row in latest.items()}

    def of_study(self) -> list[Row]:
        """Loads that belong to no one-off search."""
        once = {(row["search"], row["fingerprint"]) for row in self["ops.searches"] if row["kind"] == "once"}
        return [row for row in self["ops.loads"] if (row["search"], row["fingerprint"]) not in once]

    def names(self) -> dict[str, str]:
        """The present search of each sent fingerprint."""
        return {row["fingerprint"]: row["search"] for row in self["ops.searches"] if row["is_current"]}

    def charged(self) -> list[Row]:
        """Requests of the ledger that cost quota."""
        return [row for row in self["ops.requests"] if row["is_charged"]]


def day_of(instant: datetime) -> date:
    """The UTC day of an instant."""
    return instant.astimezone(UTC).date()


def is_wasted(request: Row) -> bool:
    """Whether a charged request returned nothing because of an error or a refusal."""
    return request["code"] not in {"ok", "counted_again"} and not request["records"]


def runs(tables: Tables, *, kinds: bool, left_out: set[str]) -> list[tuple[Any, ...]]:
    """Unbroken days with one status."""
    found: list[list[Any]] = []
    of_search = sorted(
        (row for row in tables["ops.search_coverage"] if row["status"] not in left_out),
        key=lambda row: (row["search"], row["day_date"]),
    )
    for row in of_search:
        group = (row["search"], row["kind"], row["status"]) if kinds else (row["search"], row["status"])
        if found and found[-1][0] == group and found[-1][2] + _DAY == row["day_date"]:
            found[-1][2] = row["day_date"]
        else:
            found.append([group, row["day_date"], row["day_date"]])
    return [(*group, first, last, (last - first).days + 1) for group, first, last in found]


def volume(tables: Tables) -> list[tuple[Any, ...]]:
    """Days of searches that list everything: records and fitting videos of the last look that was collected."""
    looks: dict[tuple[str, str, date], int] = {}
    for row in tables["ops.look_coverage"]:
        if row["look"] and row["ends"] != "split" and (row["records"] or row["ends"] is not None):
            look = (row["search"], row["fingerprint"], row["day_date"])
            looks[look] = max(looks.get(look, 0), row["look"])
    videos, fitting = tables.videos(), Counter[tuple[str, date]]()
    for row in tables.fitting():
        day = videos[row["video_id"]]["created_date"]
        if row["last_look"] == looks.get((row["search"], row["fingerprint"], day)):
            fitting[row["search"], day] += 1
    found = []
    for row in tables["ops.search_coverage"]:
        if row["kind"] in {"list", "capped"} and row["status"] not in {"outside", "not_due"}:
            is_collected = row["status"] in {"complete", "capped"}
            key = (row["search"], row["day_date"])
            fits = fitting[key] if is_collected or key in fitting else None
            is_comparable = row["status"] == "complete" and row["has_last_look"]
            found.append((*key, row["status"], is_comparable, row["records"] if is_collected else None, fits))
    return sorted(found)


def draws(tables: Tables) -> list[tuple[Any, ...]]:
    """Drawn videos of each day, and those that fit."""
    videos = tables.videos()
    days = {
        (row["search"], row["day_date"]): row["status"]
        for row in tables["ops.search_coverage"]
        if row["kind"] == "sample"
    }
    found: dict[tuple[str, date], list[Any]] = {key: [] for key in days}
    for row in tables.present():
        key = (row["search"], videos[row["video_id"]]["created_date"])
        if key in found:
            found[key].append(row["matches"])
    return [(*key, days[key], len(found[key]), sum(each is True for each in found[key])) for key in sorted(days)]


def estimates(tables: Tables) -> dict[str, tuple[int, float, float]]:
    """Drawn videos with known comments, estimate and standard error, by quantity.

    The weights are counted again: videos of a stratum that could be drawn, by those that were drawn.
    """
    strata: dict[str, list[Row]] = defaultdict(list)
    for row in tables["ops.comment_coverage"]:
        if row["stratum"] is not None:
            strata[row["stratum"]].append(row)
    held = Counter(row["video_id"] for row in tables["core.comments"])
    replies = Counter(row["video_id"] for row in tables["core.comments"] if row["is_reply"])
    found = {}
    for noun, numbers in (("comments", held), ("replies", replies)):
        drawn = []
        for rows in strata.values():
            known = [row for row in rows if row["is_sampled"] and row["weight"] is not None]
            if known:
                drawn.append((known, 1 / known[0]["inclusion_probability"]))
        sizes = sum(len(known) * weight for known, weight in drawn)
        total = sum(weight * numbers[row["video_id"]] for known, weight in drawn for row in known)
        variance = 0.0
        for known, weight in drawn:
            values = [numbers[row["video_id"]] for row in known]
            spread = statistics.variance(values) if len(values) > 1 else (values[0] - total / sizes) ** 2
            variance += len(values) * weight**2 * (1 - 1 / weight) * spread
        videos = sum(len(known) for known, _ in drawn)
        found[f"{noun} in total"] = (videos, total, math.sqrt(variance))
        found[f"{noun} per video"] = (videos, total / sizes, math.sqrt(variance) / sizes)
    return found


def looks_of_days(tables: Tables) -> dict[tuple[str, date], dict[int, tuple[datetime, set[str]]]]:
    """Complete looks of each present query and day: when each began, and its loads."""
    found: dict[tuple[str, date], dict[int, tuple[datetime, set[str]]]] = defaultdict(dict)
    for row in tables.of_study():
        is_complete = row["ends"] == "complete" and not row["rejected"] and not row["is_random"]
        if row["dataset"] != "videos" or not is_complete or row["fingerprint"] not in tables.names():
            continue
        day = row["window_from_date"]
        while day <= row["window_to_date"]:
            of_day = found[row["fingerprint"], day]
            began, loads = of_day.get(row["look"], (row["first_fetched_at"], set()))
            of_day[row["look"]] = (min(began, row["first_fetched_at"]), loads | {row["load_id"]})
            day += _DAY
    return found


def exposures(tables: Tables) -> list[tuple[str, int, float, bool, bool]]:
    """Search, video, days at risk, whether it is gone, and whether a later look could have returned it."""
    seen: dict[str, set[int]] = defaultdict(set)
    for row in tables["core.video_snapshots"]:
        seen[row["load_id"]].add(row["video_id"])
    videos, fits = tables.videos(), {(row["search"], row["video_id"]) for row in tables.fitting()}
    found = []
    for (fingerprint, day), looks in looks_of_days(tables).items():
        search, order = tables.names()[fingerprint], sorted(looks)
        returned = {look: set().union(*(seen[load] for load in looks[look][1])) for look in order}
        for video_id in set().union(*returned.values()):
            if videos[video_id]["created_date"] != day or (search, video_id) not in fits:
                continue
            places = [place for place, look in enumerate(order) if video_id in returned[look]]
            first, last = places[0], places[-1]
            at = [looks[look][0].timestamp() / 86_400 for look in order]
            is_gone = last < len(order) - 1
            days = at[last] - at[first] + ((at[last + 1] - at[last]) / 2 if is_gone else 0)
            found.append((search, video_id, days, is_gone, first < len(order) - 1))
    return found


def kaplan_meier(ended: Iterable[tuple[float, bool]]) -> list[tuple[float, int, int, float, float]]:
    """Days, videos at risk, gone, share left and its standard error by Greenwood's formula, video after video."""
    left, variance, share, found = sorted((round(days, 1), is_gone) for days, is_gone in ended), 0.0, 1.0, []
    while left:
        days = left[0][0]
        now = [is_gone for each, is_gone in left if each == days]
        at_risk, gone = len(left), sum(now)
        share *= (at_risk - gone) / at_risk
        if gone < at_risk:
            variance += gone / (at_risk * (at_risk - gone))
        found.append((days, at_risk, gone, share, share * math.sqrt(variance)))
        left = left[len(now) :]
    return found


def lorenz(views: list[int]) -> list[tuple[float, float]]:
    """Share of videos and of views, the most seen first, at each hundredth of the videos."""
    ordered, total, so_far, found = sorted(views, reverse=True), sum(views), 0, []
    for place, number in enumerate(ordered, start=1):
        so_far += number
        if math.floor(place * 100 / len(ordered)) > math.floor((place - 1) * 100 / len(ordered)):
            found.append((place / len(ordered), so_far / total))
    return found


def growth(tables: Tables) -> list[tuple[Any, ...]]:
    """Quartiles of the views gained between two days on which a search saw a video, for 30 or more videos."""
    names = tables.names()
    queries = {row["load_id"]: row["fingerprint"] for row in tables.of_study() if row["dataset"] == "videos"}
    foreign = {(row["search"], row["video_id"]) for row in tables.present() if row["matches"] is False}
    observed: dict[tuple[str, int], dict[date, tuple[datetime, int | None]]] = defaultdict(dict)
    for row in sorted(tables["core.video_snapshots"], key=lambda row: row["observed_at"]):
        search = names.get(queries.get(row["load_id"], ""))
        if search and (search, row["video_id"]) not in foreign:
            of_day = observed[search, row["video_id"]]
            of_day[day_of(row["observed_at"])] = (row["observed_at"], row["view_count"])
    videos, gained = tables.videos(), defaultdict[tuple[str, int], list[tuple[float, float, int]]](list)
    for (search, video_id), days in observed.items():
        born = videos[video_id]["created_at"]
        for number, (before, after) in enumerate(pairwise(days[day] for day in sorted(days)), start=1):
            if before[1] is not None and after[1] is not None:
                ages = [max((at - born).total_seconds(), 0) / 86_400 for at, _ in (before, after)]
                gained[search, number].append((*ages, after[1] - before[1]))
    found = []
    for key, rows in sorted(gained.items()):
        if len(rows) >= 30:
            first, second, views = zip(*rows, strict=True)
            quartiles = statistics.quantiles(views, n=4, method="inclusive")
            found.append((*key, len(rows), min(first), max(first), min(second), max(second), *quartiles))
    return found


def hidden(tables: Tables) -> dict[str, tuple[Any, ...]]:
    """The slots and hidden slots of each completed load of a present query that is no sample."""
    return {
        row["load_id"]: tuple(
            row[name]
            for name in ("search", "look", "window_from_date", "window_to_date", "window_slots", "window_hidden")
        )
        for row in tables["ops.look_coverage"]
        if row["is_current"] and row["ends"] == "complete" and row["draw"] is None and row["window_slots"]
    }


def quota(tables: Tables) -> list[tuple[Any, ...]]:
    """Requests, wasted, empty and records of each day, bucket and dataset."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in tables.charged():
        groups[row["quota_date"], row["bucket"], row["dataset"]].append(row)
    return [
        (
            *key,
            len(rows),
            sum(map(is_wasted, rows)),
            sum(row["code"] == "ok" and not row["records"] for row in rows),
            sum(row["records"] or 0 for row in rows),
        )
        for key, rows in sorted(groups.items())
    ]


def hours(tables: Tables) -> list[tuple[Any, ...]]:
    """Videos of each kind, weekday and local hour."""
    zone, videos = ZoneInfo(tables.zone), tables.videos()
    found = {(row["kind"], row["video_id"]) for row in tables.fitting() if row["kind"] in {"list", "sample"}}
    local = [(kind, videos[video_id]["created_at"].astimezone(zone)) for kind, video_id in found]
    counted = Counter((kind, at.isoweekday(), at.hour) for kind, at in local)
    return [(*key, number) for key, number in sorted(counted.items())]


def hashtags_of(tables: Tables) -> dict[str, set[int]]:
    """The videos of each hashtag in lower case."""
    found: dict[str, set[int]] = defaultdict(set)
    for row in tables["core.video_hashtags"]:
        found[row["hashtag_name"].lower()].add(row["video_id"])
    return found


def creators_of(tables: Tables, ids: Iterable[int]) -> set[str]:
    """The creators of videos."""
    videos = tables.videos()
    return {tables.creator(videos[video_id]["username"]) for video_id in ids if videos[video_id]["username"]}


def hashtags(tables: Tables) -> list[tuple[Any, ...]]:
    """The twenty hashtags on most fitting videos, of three or more creators."""
    fitting, found = tables.fitting_ids(), []
    for tag, ids in hashtags_of(tables).items():
        some = ids & fitting
        if len(creators := creators_of(tables, some)) >= 3:
            found.append((tag, len(some), len(creators), len(some) / len(fitting)))
    return sorted(found, key=lambda row: (-row[1], row[0]))[:20]


def _requested_hashtags(tables: Tables) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in tables["ops.searches"]:
        for condition in chain(*json.loads(row["query"]).values()):
            if row["is_current"] and condition["field_name"] == "hashtag_name":
                found[row["search"]] |= {value.lower() for value in condition["field_values"]}
    return found


def network(tables: Tables) -> list[tuple[Any, ...]]:
    """Pairs of hashtags of the search with most videos: NPMI, from the definition, above chance."""
    requested = _requested_hashtags(tables)
    of_search: dict[str, set[int]] = defaultdict(set)
    for row in tables.fitting():
        if row["kind"] in {"list", "capped"}:
            of_search[row["search"]].add(row["video_id"])
    everywhere = {tag: ids for tag, ids in hashtags_of(tables).items() if len(ids) >= 5}
    found = []
    for search, ids in of_search.items():
        used = {tag: some for tag, all_ids in everywhere.items() if (some := all_ids & ids)}
        for one, other in ((a, b) for a in used for b in used if a < b):
            both = len(used[one] & used[other])
            creators = min(len(creators_of(tables, used[tag])) for tag in (one, other))
            if both < 5 or creators < 3 or {one, other} & requested[search]:
                continue
            p_both, p_one, p_other = (number / len(ids) for number in (both, len(used[one]), len(used[other])))
            npmi = 1.0 if both == len(ids) else math.log(p_both / (p_one * p_other)) / -math.log(p_both)
            if npmi > 0:
                found.append((len(ids), (search, one, other, both, len(used[one]), len(used[other]), npmi)))
    largest = max((size for size, _ in found), default=0)
    names = {row[0] for size, row in found if size == largest}
    return sorted(row for _, row in found if row[0] == min(names))


def threads(tables: Tables) -> list[tuple[Any, ...]]:
    """Top-level comments under videos of the study by their number of replies, also weighted."""
    present = {row["video_id"] for row in tables.present()}
    weights = {row["video_id"]: row["weight"] for row in tables["ops.comment_coverage"]}
    comments = {row["comment_id"]: row for row in tables["core.comments"]}

    def top(row: Row) -> int | None:
        while row["is_reply"]:
            if row["parent_comment_id"] not in comments:
                return None
            row = comments[row["parent_comment_id"]]
        return int(row["comment_id"])

    replies = Counter(top(row) for row in comments.values() if row["is_reply"])
    groups: dict[str, list[tuple[int, float | None]]] = defaultdict(list)
    for row in comments.values():
        if not row["is_reply"] and row["video_id"] in present:
            number = replies[row["comment_id"]]
            name = f"{number}" if number <= 3 else "4 to 10" if number <= 10 else "over 10"
            groups[name].append((number, weights.get(row["video_id"])))
    return sorted(
        (
            (
                name,
                min(n for n, _ in rows),
                len(rows),
                sum(w for _, w in rows if w is not None) if any(w is not None for _, w in rows) else None,
            )
            for name, rows in groups.items()
        ),
        key=lambda row: row[1],
    )


def regions(tables: Tables) -> list[tuple[Any, ...]]:
    """The ten regions with most fitting videos of each search."""
    videos, of_search = tables.videos(), defaultdict[str, Counter[str]](Counter)
    for row in tables.fitting():
        of_search[row["search"]][videos[row["video_id"]]["region_code"] or "none"] += 1
    found = []
    for search, counted in sorted(of_search.items()):
        ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:10]
        found += [(search, region, number, number / counted.total()) for region, number in ordered]
    return found


def _has_content(value: str | None) -> bool:
    """Whether a label or tag of JSON has a value other than null, false or an empty text."""

    def values(part: Any) -> Iterator[Any]:
        if isinstance(part, dict | list):
            for each in part.values() if isinstance(part, dict) else part:
                yield from values(each)
        elif part not in {None, ""}:
            yield part

    return value is not None and any(True for _ in values(json.loads(value)))


def labels(tables: Tables) -> list[tuple[Any, ...]]:
    """Videos of each search with a transcript, a label, a tag."""
    videos, of_search = tables.videos(), defaultdict[str, list[Row]](list)
    for row in tables.fitting():
        of_search[row["search"]].append(videos[row["video_id"]])
    rules: dict[str, Callable[[Row], bool]] = {
        "label": lambda row: _has_content(row["video_label"]),
        "tag": lambda row: _has_content(row["video_tag"]),
        "transcript": lambda row: bool(row["voice_to_text"]),
    }
    return [
        (search, name, sum(map(rule, rows)), len(rows), sum(map(rule, rows)) / len(rows))
        for search, rows in sorted(of_search.items())
        for name, rule in rules.items()
    ]


def ids(tables: Tables) -> list[tuple[Any, ...]]:
    """Requested ids by search and month: all, shown at the last look, not shown, unknown."""
    looks, videos = looks_of_days(tables), tables.videos()
    last_seen: dict[int, datetime] = {}
    for row in tables["core.video_snapshots"]:
        last_seen[row["video_id"]] = max(last_seen.get(row["video_id"], row["observed_at"]), row["observed_at"])
    groups: dict[tuple[str, date], list[bool | None]] = defaultdict(list)
    for row in tables["ops.searches"]:
        for condition in json.loads(row["query"]).get("and", []) if row["is_current"] else []:
            if condition["field_name"] != "video_id":
                continue
            for video_id in map(int, condition["field_values"]):
                uploaded = datetime.fromtimestamp(video_id >> 32, UTC)
                born = (
                    videos[video_id]["created_date"] if video_id in videos else day_of(uploaded + timedelta(minutes=2))
                )
                of_day = looks.get((row["fingerprint"], born), {})
                # Any load of a look, not only its first, can be the latest one.
                latest = max((at for at, _ in of_day.values()), default=None)
                shown = None if latest is None else video_id in last_seen and last_seen[video_id] >= latest
                groups[row["search"], day_of(uploaded).replace(day=1)].append(shown)
    return [
        (*key, len(shown), *(sum(each is kind for each in shown) for kind in (True, False, None)))
        for key, shown in sorted(groups.items())
    ]
