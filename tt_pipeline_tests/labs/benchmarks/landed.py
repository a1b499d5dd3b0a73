"""Landed files to measure on: the simulator's videos, as a collection would have landed them.

The simulator makes the videos of a few days; other days repeat them under ids and times of their own, because a tenth
of a year of new texts would take it an hour.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from tt_pipeline.coverage import Workspace
from tt_pipeline.data_dir import DataDir
from tt_pipeline.landing import Envelope, Inventory, LandedFile, VideoFacts, day_load_id, window_load_id
from tt_pipeline.landing.appending import pack
from tt_pipeline.simulator import Knobs, World
from tt_pipeline.simulator.randomness import seeded_random
from tt_pipeline.simulator.records import encode, shuffled, video_record
from tt_pipeline.studies import Search, read_study
from tt_pipeline.vocabulary import Dataset, StopReason

FIRST_DAY = date(2026, 6, 1)
PER_DAY = 12_500
"""Videos of a day; eight days make 100,000."""
SEED = 7
STUDY = """\
study: A benchmark
start: 2026-06-01
searches:
  climate:
    hashtags: [climate, klima, fyp]
    keywords: ["climate strike", klima, vote]
    regions: [DE, BR, US]
"""
_KNOBS = Knobs(missing_key_rates={})
"""Every video has its transcript, effects and playlist, which most real ones lack: 0.95 kB of JSON instead of 0.64."""
_PER_PAGE = 100
_SEARCH_ID = "7704563166105409433"
_MADE_DAYS = 8


def settled_study(days: int) -> str:
    """The study file of a data dir with so many landed days, in which nothing is due once its comments have landed."""
    last_day = FIRST_DAY + timedelta(days=days - 1)
    comments = "comments: {sample: {per_stratum: 20}}"
    rules = f"end: {last_day}\nlooks: [3]\n{comments}\nusers: false\nquota: {{confirmed: true}}\n"
    return STUDY.replace("searches:", f"{rules}searches:")


def land_days(folder: Path, days: int, *, first: int = 0, per_day: int = PER_DAY, look: int = 1) -> None:
    """Make a data dir with a packed file for each day; a later look has the same videos with later counts."""
    study = folder / "study.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    study.write_text(STUDY, encoding="utf-8")
    (search,) = read_study(study).searches
    for number in range(first, first + days):
        records = records_of(number, per_day=per_day, look=look)
        _land(DataDir(folder).landing, FIRST_DAY + timedelta(days=number), records, search, look)


def land_comments(workspace: Workspace) -> int:
    """Land a page of comments for each drawn video that has none; returns the number of pages."""
    coverage, pages = workspace.coverage(), 0
    for day in coverage.landed.videos_by_day:
        videos = coverage.comments.videos_without_all_comments(day)
        load_id = day_load_id(Dataset.COMMENTS, day, "benchmark")
        if videos:
            with (
                workspace.zone.lease(Dataset.COMMENTS, day.isoformat()),
                workspace.zone.writing(load_id, packs=True) as file,
            ):
                for place, video in enumerate(videos):
                    file.append(_comment_page(video, place))
        pages += len(videos)
    return pages


def _comment_page(video: VideoFacts, place: int) -> Envelope:
    number = min(_PER_PAGE, video.comment_count or 0)
    comments = [
        {"id": (video.video_id << 7) % 2**62 + each, "video_id": video.video_id, "text": "So true!", "like_count": each}
        for each in range(number)
    ]
    answer = {"data": {"comments": comments, "cursor": number, "has_more": False}, "error": {"code": "ok"}}
    return Envelope(
        dataset=Dataset.COMMENTS,
        search=None,
        fingerprint=None,
        look=1,
        window_from=video.day,
        window_to=video.day,
        subject=str(video.video_id),
        endpoint="comment_list",
        request={"video_id": video.video_id, "max_count": _PER_PAGE, "cursor": 0},
        fetched_at=datetime.combine(video.day, time(), UTC) + timedelta(days=12, seconds=place),
        status=200,
        log_id=f"20260613{place:024d}",
        cursor=number,
        has_more=False,
        search_id=None,
        slots=number,
        records=number,
        refusal=None,
        ends=StopReason.COMPLETE,
        body=json.dumps(answer),
    )


def landed_days(folder: Path) -> list[LandedFile]:
    """The files of a data dir."""
    return Inventory(DataDir(folder).landing).files()


def write_records(file: Path, days: int, *, per_day: int = PER_DAY) -> None:
    """The same videos without envelopes, for other tools: a line is a JSON list of a page's records."""
    with file.open("w", encoding="utf-8") as lines:
        for number in range(days):
            lines.writelines(f"[{','.join(page)}]\n" for page in _pages(records_of(number, per_day=per_day)))


def records_of(number: int, *, per_day: int = PER_DAY, look: int = 1) -> list[str]:
    """The videos of a day, each as JSON text."""
    repetition, made = divmod(number, _MADE_DAYS)
    shift_s = repetition * _MADE_DAYS * 86_400
    return [_shifted(record, shift_s) for record in _made(made, per_day, look)]


@dataclass(frozen=True, slots=True)
class _Record:
    """A video with two fields that differ in each repetition."""

    video_id: int
    create_time: int
    text: str


def _shifted(record: _Record, shift_s: int) -> str:
    later = record.video_id + (shift_s << 32)
    text = record.text.replace(f'"id":{record.video_id}', f'"id":{later}', 1)
    return text.replace(f'"create_time":{record.create_time}', f'"create_time":{record.create_time + shift_s}', 1)


@cache
def _made(number: int, per_day: int, look: int) -> list[_Record]:
    seen_at = datetime(2026, 6, 4, tzinfo=UTC) + timedelta(days=number + 9 * (look - 1))
    random = seeded_random(SEED, "benchmark", number, look)
    world = _world(per_day)
    return [
        _Record(
            video.id,
            video.create_time,
            encode(shuffled(video_record(video, seen_at.timestamp(), _KNOBS), random)).decode(),
        )
        for video in world.videos(FIRST_DAY + timedelta(days=number))[:per_day]
    ]


@cache
def _world(per_day: int) -> World:
    return World(
        last_day=FIRST_DAY + timedelta(days=_MADE_DAYS - 1), seed=SEED, days=_MADE_DAYS, videos_per_day=per_day * 3 // 2
    )


def _land(landing: Path, day: date, records: Sequence[str], search: Search, look: int) -> None:
    load_id = window_load_id(search.name, search.fingerprint, (day, day), look)
    path = landing / f"{load_id}.ndjson"
    path.parent.mkdir(parents=True, exist_ok=True)
    pages = list(_pages(records))
    with path.open("wb") as file:
        for place, page in enumerate(pages):
            file.write(_envelope(page, place, day, search, look=look, is_last=page is pages[-1]).line())
    pack(path)


def _pages(records: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(records), _PER_PAGE):
        yield records[first : first + _PER_PAGE]


def _envelope(page: Sequence[str], place: int, day: date, search: Search, *, look: int, is_last: bool) -> Envelope:
    cursor = (place + 1) * _PER_PAGE
    rest = f'"cursor":{cursor},"has_more":{"false" if is_last else "true"},"search_id":"{_SEARCH_ID}"'
    window = {"start_date": f"{day:%Y%m%d}", "end_date": f"{day:%Y%m%d}", "max_count": _PER_PAGE}
    return Envelope(
        dataset=Dataset.VIDEOS,
        search=search.name,
        fingerprint=search.fingerprint,
        look=look,
        window_from=day,
        window_to=day,
        subject=None,
        endpoint="video_query",
        request={"query": search.query.body(), **window, "cursor": place * _PER_PAGE, "search_id": _SEARCH_ID},
        fetched_at=datetime.combine(day, time(), UTC) + timedelta(days=9 * look - 6, seconds=place),
        status=200,
        log_id=f"20260604{place:024d}",
        cursor=cursor,
        has_more=not is_last,
        search_id=_SEARCH_ID,
        slots=_PER_PAGE,
        records=len(page),
        refusal=None,
        ends=StopReason.COMPLETE if is_last else None,
        body=f'{{"data":{{"videos":[{",".join(page)}],{rest}}},"error":{{"code":"ok","message":"","log_id":"L"}}}}',
    )
