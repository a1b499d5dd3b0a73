"""Whatever a server answers: no crash, a status for every day, a limit of requests, no lost good record."""

import logging
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from tt_pipeline.coverage import look_status
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import AnswerFromElsewhere, ServerFailure, TtPipelineError
from tt_pipeline.ids import upload_date
from tt_pipeline.ingestion import CollectReport, collect_list, collect_videos
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.session import CollectionSession, LogProgress
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.landing import LandingZone
from tt_pipeline.quota import Ledger
from tt_pipeline.research_api import AnswerLimits, ResearchApi
from tt_pipeline.studies import Study, read_study
from tt_pipeline.tombstones import Tombstones
from tt_pipeline.vocabulary import AccountList, Bucket
from tt_pipeline.warehouse.preparing import prepared
from tt_pipeline_tests.builders import content_of
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.hostile.modes import UNKNOWN_REFUSALS, Mode, bytes_of, modes, on_page
from tt_pipeline_tests.hostile.server import DAY, KEY, PAGED, SECRET, TOKEN, Answered, Data, HostileServer, enveloped

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STUDY = f"""\
study: Bees
start: {DAY}
end: {DAY}
searches:
  bees: {{hashtags: [bees]}}
comments: {{replies: true}}
accounts:
  usernames: [lena]
  lists: [followers, following, liked, pinned, reposted, playlists]
quota: {{requests_per_day: 1000, requests_per_second: 10}}
"""
LIMITS = AnswerLimits(seconds=5, bytes=1_000_000)
ALL = list(modes())
DECIDES_COMPLETENESS = ("has_more", "cursor", "list")


def _by_speed() -> Iterator[object]:
    """Every mode; of each one place is in the quick set, another from mode to mode, and two that decide an end."""
    by_name: dict[str, list[Mode]] = defaultdict(list)
    for mode in ALL:
        by_name[mode.does].append(mode)
    for number, same in enumerate(by_name.values()):
        second = 1 if same[0].does.startswith(DECIDES_COMPLETENESS) else 0
        quick = {same[number % len(same)].place, same[(number + second) % len(same)].place}
        for mode in same:
            yield pytest.param(mode, id=str(mode), marks=[] if mode.place in quick else pytest.mark.slow)


@cache
def study() -> Study:
    """The study, read once because a mode opens many sessions."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "study.yaml"
        file.write_text(STUDY)
        return read_study(file)


@dataclass
class Dir:
    """A data dir and a clock; its server may change."""

    folder: Path
    server: HostileServer
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(NOW))
    limits: AnswerLimits = LIMITS

    @contextmanager
    def session(self) -> Iterator[CollectionSession]:
        """A session as in a new process."""
        files = DataDir(self.folder)
        limits = {Bucket.MAIN: 1_000, Bucket.SOCIAL: 20_000}
        with (
            LandingZone(files.landing) as zone,
            Ledger(self.folder / "ledger.sqlite", client_key="k", clock=self.clock, limits=limits) as ledger,
            ResearchApi(
                KEY,
                SECRET,
                base_url="http://127.0.0.1:9",
                clock=self.clock,
                requests_per_second=inf,
                limits=self.limits,
                transport=httpx.MockTransport(self.server),
            ) as api,
        ):
            yield CollectionSession(
                study=study(),
                files=files,
                zone=zone,
                ledger=ledger,
                clock=self.clock,
                api=api,
                base_url="http://127.0.0.1:9",
                progress=LogProgress(),
                tombstones=Tombstones.of(files.internal),
                run_id=f"run-{self.clock.now():%d%H%M%S}-{len(self.server.requests)}",
            )


@pytest.fixture(scope="session")
def with_videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files after a correct server sent the videos, which the requests of some places start from; copied."""
    folder = tmp_path_factory.mktemp("with_videos")
    with Dir(folder, HostileServer()).session() as session:
        collect(session, "videos")
    return folder


def collect(session: CollectionSession, place: str) -> TtPipelineError | None:
    """Collect what precedes a place from a correct server, and then the place; returns what stopped it."""
    reports = [_STEPS[step](session) for step in (*_BEFORE.get(place, ()), place)]
    return reports[-1].stopped_because


def load(session: CollectionSession, place: str) -> int:
    """Load what landed and count the good records of a place; unreadable pages are reported."""
    parts = list(prepared(session.zone.index.files(), session.files.root, loaded_at=NOW, made_by="test"))
    columns = ("load_id", "fetched_at", "log_id", "records", "reason")
    session.zone.index.replace_unread(row for part in parts for row in part.rejected.select(columns).iter_rows())
    mine = [part.loads for part in parts if part.loads["dataset"][0] == place]
    return sum(int(frame["rows_loaded"].sum()) for frame in mine)


def _list(name: str) -> Callable[[CollectionSession], CollectReport]:
    return lambda session: collect_list(session, AccountList(name), [session.clock.now().date()])


_LISTS = tuple(each.value for each in AccountList)
_STEPS: dict[str, Callable[[CollectionSession], CollectReport]] = {
    "videos": lambda session: collect_videos(session, session.study.searches[0], [DAY]),
    "comments": lambda session: collect_comments(session, [DAY]),
    "replies": lambda session: collect_comments(session, [DAY]),
    "users": lambda session: collect_users(session, [DAY]),
    **{name: _list(name) for name in _LISTS},
}
_BEFORE = {"comments": ("videos",), "replies": ("videos",), "users": ("videos",), "playlists": ("videos",)}


def _videos_complete(session: CollectionSession) -> bool:
    coverage = session.coverage()
    return [day.status for day in coverage.searches.days(session.study.searches[0], [DAY])] == ["complete"]


def _comments_complete(session: CollectionSession) -> bool:
    coverage = session.coverage()
    found = [video for video in coverage.landed.videos_by_day[DAY] if video.comment_count]
    return [coverage.comments.status(video) for video in found] == ["complete"]


def _users_complete(session: CollectionSession) -> bool:
    profiles = session.coverage().profiles
    return (
        profiles.accounts_with_profile(DAY) == ["lena"]
        and not profiles.accounts_without_current_profile(DAY)
        and not profiles.failed(DAY)
    )


def _list_complete(name: str) -> Callable[[CollectionSession], bool]:
    def is_complete(session: CollectionSession) -> bool:
        lists = session.coverage().account_lists
        looks = [
            looks[-1]
            for target in lists.current_targets(AccountList(name))
            if (looks := lists.looks(AccountList(name), target))
        ]
        return [look_status(look) for look in looks] == ["complete"]

    return is_complete


_COMPLETE: dict[str, Callable[[CollectionSession], bool]] = {
    "videos": _videos_complete,
    "comments": _comments_complete,
    "replies": _comments_complete,
    "users": _users_complete,
    **{name: _list_complete(name) for name in _LISTS},
}


@pytest.mark.parametrize("mode", list(_by_speed()))
def test_an_answer_has_the_result_of_the_table(
    mode: Mode, with_videos: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One run has the result of the table; a second run on the same day sends no request."""
    if mode.place in _BEFORE:
        shutil.copytree(with_videos, tmp_path, dirs_exist_ok=True)
    data_dir = Dir(tmp_path, HostileServer(mode.place, mode.answer))
    with caplog.at_level(logging.DEBUG), data_dir.session() as session:
        stopped = collect(session, mode.place)
        good = load(session, mode.place)
        is_complete = _COMPLETE[mode.place](session)
    sent = data_dir.server.sent(mode.place)

    assert isinstance(stopped, AnswerFromElsewhere) == mode.ends_run, stopped
    assert sent <= mode.requests
    assert (good, is_complete) == (mode.rows, mode.is_complete)
    if not mode.ends_run:
        with data_dir.session() as session:
            collect(session, mode.place)
        assert data_dir.server.sent(mode.place) == sent
    assert shown_secrets(tmp_path, caplog, stopped) == []


_OTHER = "7300000000000000123"
ODD_IDS = {
    "twice, then another": '"id": {id}, "id": ' + _OTHER,
    "twice, first null": '"id": null, "id": {id}',
    "twice, then null": '"id": {id}, "id": null',
    "and a key that looks like it": '"id": {id}, "id\\u0000": ' + _OTHER,
    "with a sign": '"id": "+{id}"',
    "with 22 zeros": '"id": "' + "0" * 22 + '{id}"',
    "with a NUL": '"id": "{id}\\u0000"',
    "with blanks": '"id": " {id} "',
}


@pytest.mark.parametrize("odd", ODD_IDS)
def test_both_readers_of_a_page_find_the_same_videos(odd: str, tmp_path: Path) -> None:
    """What the index has, whose comments are requested, is what the warehouse has."""

    def answer(data: Data, _: int) -> bytes:
        found = f'"id": {data["videos"][0]["id"]}'
        return enveloped(data).replace(found.encode(), ODD_IDS[odd].replace("{id}", found[6:]).encode(), 1)

    with Dir(tmp_path, HostileServer("videos", answer)).session() as session:
        collect(session, "videos")
        parts = list(prepared(session.zone.index.files(), session.files.root, loaded_at=NOW, made_by="test"))
        loaded = {number for part in parts for number in part.tables["core.videos"]["video_id"]}
        indexed = {video.video_id for video in session.coverage().landed.videos_by_day[DAY]}
    strays = {number for number in loaded if upload_date(number) != DAY}
    assert indexed == loaded - strays


@pytest.mark.parametrize("place", ["videos", "comments", "replies", "followers", "playlists"])
def test_a_page_too_long_for_a_line_is_not_passed_over(place: str, tmp_path: Path) -> None:
    """What follows it is not requested, so that the end of the list cannot say that everything is there."""
    no_text = b'"x": "' + b"\xff" * 2_300_000 + b'", "data"'  # one byte of it takes seven in a landed line
    answer = on_page(2, bytes_of(lambda body: body.replace(b'"data"', no_text, 1)))
    data_dir = Dir(tmp_path, HostileServer(place, answer), limits=AnswerLimits())
    with data_dir.session() as session:
        stopped = collect(session, place)
        good, is_complete = load(session, place), _COMPLETE[place](session)
        reasons = {page.reason for page in session.zone.index.unread()}

    assert (stopped, good, is_complete, data_dir.server.sent(place)) == (None, 2, False, 2)
    assert ["its line would have more than 16,777,216 bytes" in reason for reason in reasons] == [True]


@pytest.mark.slow
@pytest.mark.parametrize("place", PAGED)
@pytest.mark.parametrize("does", ["has_more absent on every page", "list absent on every page"])
def test_a_list_that_never_ends_is_not_requested_for_ever(place: str, does: str, tmp_path: Path) -> None:
    """It is requested again after 1, 2 and 4 days, then no more; each observation of a list counts its own tries."""
    (mode,) = (mode for mode in ALL if (mode.place, mode.does) == (place, does))
    data_dir = Dir(tmp_path, HostileServer(place, mode.answer))
    tried = []
    for day in range(30):
        sent = data_dir.server.sent(place)
        with data_dir.session() as session:
            collect(session, place)
        tried += [day] if data_dir.server.sent(place) > sent else []
        data_dir.clock.advance(days=1)
    every_week = [14, 21, 28] if place in _LISTS else []
    assert tried == [0, 1, 3, 7, *every_week]


@pytest.mark.parametrize("place", ["comments", "followers"])
def test_a_refusal_for_an_unknown_reason_is_remembered_for_thirty_days(place: str, tmp_path: Path) -> None:
    """The same for comments, profiles and lists; `users.refused_days` is for refusals that are understood."""
    data_dir = Dir(tmp_path, HostileServer(place, UNKNOWN_REFUSALS["410"]))
    sent: dict[int, int] = {}
    for day in (0, 29, 30):
        with data_dir.session() as session:
            collect(session, place)
        sent[day] = data_dir.server.sent(place)
        data_dir.clock.advance(days=29 if day == 0 else 1)
    assert (sent[0], sent[29], sent[30]) == (1, 1, 2)


_NO_TOKEN: dict[str, Answered] = {
    "401": httpx.Response(401, json={"error": "access_denied"}),
    "429": httpx.Response(429, json={"error": "rate_limit_exceeded"}),
    "without a token": httpx.Response(200, json={"data": {}}),
    "too large": b'{"access_token": "' + TOKEN.encode() + b'", "x": "' + b"x" * 2_000_000,
    "slow": httpx.ReadTimeout("slow"),
}


@pytest.mark.parametrize(
    ("place", "answer"),
    [*(("videos", name) for name in _NO_TOKEN), ("comments", "401"), ("users", "too large"), ("followers", "429")],
)
def test_without_a_token_nothing_is_noted(
    place: str, answer: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No video, account or day is blamed for a token request that failed, so all of it stays due."""
    data_dir = Dir(tmp_path, HostileServer())
    if place in _BEFORE:
        with data_dir.session() as session:
            collect(session, "videos")
    data_dir.server.token = lambda: _NO_TOKEN[answer]
    with caplog.at_level(logging.DEBUG), data_dir.session() as session:
        before = session.zone.index.number_of_files()
        stopped = _STEPS[place](session).stopped_because
        landed = session.zone.index.number_of_files() - before

    assert isinstance(stopped, ServerFailure)
    assert (stopped.code, landed, data_dir.server.sent(place)) == ("no_token", 0, 0)
    assert shown_secrets(tmp_path, caplog, stopped) == []


def shown_secrets(folder: Path, caplog: pytest.LogCaptureFixture, stopped: TtPipelineError | None) -> list[str]:
    """Where token or secret stands: in files, in our own log lines or in the message that ends the run."""
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("tt_pipeline")]
    ours.append(f"{stopped}")
    logged = [text for text in ours for secret in (TOKEN, SECRET) if secret in text]
    files = (path for path in folder.rglob("*") if path.is_file())
    stored = [path.name for path in files for secret in (TOKEN, SECRET) if secret.encode() in content_of(path)]
    return logged + stored
