"""A study of ten thousand videos is purged by user, by search and wholly: every number that is said was counted before.

The counts come from SQL and landed lines that these tests read themselves.
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import duckdb
import pytest

from tt_pipeline.coverage import open_workspace
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.data_dir import DataDir
from tt_pipeline.duties import verify_reports
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.delivery import deliver
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import Envelope
from tt_pipeline.landing.reading import envelopes
from tt_pipeline.reports import registered_copy
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_tables
from tt_pipeline.safekeeping import back_up
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Knobs, Simulator, World
from tt_pipeline.tombstones import Tombstones
from tt_pipeline.vocabulary import Dataset, ExportFormat
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.collection_lab import NOON, Lab
from tt_pipeline_tests.contract.shared_server import SharedServer
from tt_pipeline_tests.duties.remains import Remains
from tt_pipeline_tests.frozen_clock import FrozenClock

pytestmark = pytest.mark.slow

STUDY = """\
study: Ten thousand videos
start: 2026-11-05
end: 2026-11-15
searches:
  climate: {hashtags: [climate, climatechange, klima]}
  every: {min_views: 0}
comments: {min_comments: 150, max_per_video: 200}
quota: {requests_per_day: 1000, requests_per_second: 10, confirmed: true}
"""
DAYS = days_between(date(2026, 11, 5), date(2026, 11, 15))
WITH_PEOPLE = DAYS[:1]
_KNOBS = Knobs(marks=True, quota_main=10**6, records_main=10**9, rate_per_minute=0, hidden_rate=0, hidden_run=0)


@pytest.fixture(scope="module")
def collected(server: tuple[SharedServer, str], tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """Eleven days of videos, and one day's comments and profiles."""
    shared_server, base_url = server
    clock = FrozenClock(NOON)
    world = World.until_yesterday(NOON, seed=7, days=20, videos_per_day=940)
    simulator = Simulator(world, knobs=_KNOBS, now=clock.now)
    shared_server.put_on(simulator)
    lab = Lab(simulator, base_url, tmp_path_factory.mktemp("collected"), clock, study=STUDY)
    with lab.session(limit=10**6) as session:
        for search in session.study.searches:
            collect_videos(session, search, DAYS)
        collect_comments(session, WITH_PEOPLE)
        collect_users(session, WITH_PEOPLE)
        deliver(session)
    return DataDir(lab.folder)


@pytest.fixture
def data(collected: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataDir:
    """A copy with an export and a backup."""
    files = DataDir(tmp_path / "data")
    shutil.copytree(collected.root, files.root)
    settings = Settings(data_dir=files.root, clock="2026-11-20T13:00:00+00:00@1")
    with open_workspace(settings) as workspace:
        shape = Shape(format=ExportFormat.PARQUET, created=NOON, for_excel=False)
        with registered_copy(files, files.exports / "first", "tables", NOON):
            export_tables(files.published, ["core.videos", "core.comments"], files.exports / "first", shape)
        back_up(workspace, settings.study_file, tmp_path / "backup", NOON)
    monkeypatch.setenv("TT_DATA_DIR", str(files.root))
    monkeypatch.setenv("TT_CLOCK", str(settings.clock))
    return files


@dataclass(frozen=True)
class Meant:
    """What a purge means, found by SQL of this test.

    Attributes:
        user: The account that is purged; "" for none.
        creators: Accounts of which no video is left.
    """

    videos: frozenset[int]
    comments: frozenset[int]
    user: str = ""
    creators: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[int]:
        """Of videos and comments."""
        return self.videos | self.comments


def ask(files: DataDir, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query to the writer's file."""
    with duckdb.connect(files.writer, read_only=True) as connection:
        return connection.execute(sql, values or None).fetchall()


def column(files: DataDir, sql: str, *values: Any) -> frozenset[Any]:
    """The values of a query's only column."""
    return frozenset(value for (value,) in ask(files, sql, *values))


def comments_below(files: DataDir, videos: frozenset[int]) -> frozenset[int]:
    """The comments of these videos."""
    return column(files, "select comment_id from core.comments where list_contains($1, video_id)", sorted(videos))


def user_with_most(files: DataDir) -> Meant:
    """The creator of whom most is stored among those whose videos have comments and whom no text mentions."""
    sql = """
    select username from core.videos
    where username in (select username from core.videos semi join core.comments using (video_id))
      and username in (select username from core.users)
    group by username order by count(*) desc, username
    """
    texts = "".join(page.body for page in landed(files))
    user = next(name for (name,) in ask(files, sql) if f"@{name}" not in texts)
    videos = column(files, "select video_id from core.videos where username = $1", user)
    return Meant(videos, comments_below(files, videos), user)


def only_of_search(files: DataDir, search: str) -> Meant:
    """What only this search has found."""
    sql = """
    select video_id from core.search_hits group by video_id having list_distinct(list(search)) = [$1]
    """
    videos = column(files, sql, search)
    others = "select username from core.videos where not list_contains($1, video_id)"
    creators = column(files, f"select username from core.videos except ({others})", sorted(videos))
    return Meant(videos, comments_below(files, videos), creators=creators)


def rows_of(files: DataDir, meant: Meant) -> dict[str, int]:
    """Rows of each core table that are about what is meant."""
    columns: dict[str, set[str]] = {}
    for table, name in ask(
        files, "select table_name, column_name from duckdb_columns() where schema_name = 'core' order by all"
    ):
        columns.setdefault(table, set()).add(name)
    stored = column(files, "select table_name from duckdb_tables() where schema_name = 'core'")
    counts = {f"core.{table}": _rows_of(files, table, columns[table], meant) for table in stored}
    return {table: number for table, number in counts.items() if number}


def _rows_of(files: DataDir, table: str, names: set[str], meant: Meant) -> int:
    people = meant.creators | {meant.user} if table in {"users", "user_snapshots"} else {meant.user}
    keys: dict[str, list[Any]] = {"video_id": sorted(meant.videos), "comment_id": sorted(meant.comments)}
    keys |= {name: sorted(people) for name in ("username", "follower", "followed")}
    present = [name for name in keys if name in names]
    tests = " or ".join(f"list_contains(${number}, {name})" for number, name in enumerate(present, start=1))
    if not tests:
        return 0
    ((number,),) = ask(files, f"select count(*) from core.{table} where {tests}", *(keys[name] for name in present))
    return int(number)


def landed(files: DataDir) -> Iterator[Envelope]:
    """Every landed page."""
    for file in landed_files(files):
        yield from envelopes(file)


def landed_files(files: DataDir) -> list[Path]:
    """Every landed file."""
    return [path for path in sorted(files.landing.rglob("*.ndjson*")) if not path.name.startswith(".")]


def landed_about(files: DataDir, meant: Meant) -> dict[str, int]:
    """Records, whole pages and files of answers that are about what is meant."""
    counts: Counter[str] = Counter()
    for file in landed_files(files):
        found: Counter[str] = Counter()
        for page in envelopes(file):
            found += _of_page(page, meant)
        counts += found + Counter(files=int(bool(found)))
    return {f"landed_{name}": counts[name] for name in ("records", "pages", "files")}


def _of_page(page: Envelope, meant: Meant) -> Counter[str]:
    subjects: dict[Dataset, set[str]] = {
        Dataset.COMMENTS: {str(number) for number in meant.videos},
        Dataset.REPLIES: {str(number) for number in meant.ids},
        Dataset.USERS: {meant.user, *meant.creators},
    }
    if page.subject in subjects.get(page.dataset, ()):
        return Counter(pages=1)
    data = json.loads(page.body).get("data") or {}
    records = data.get("videos" if page.dataset is Dataset.VIDEOS else "comments") or []
    return Counter(records=sum(int(each["id"]) in meant.ids for each in records if "id" in each))


def said_rows(said: str) -> dict[str, int]:
    """The rows of each core table that a trial run says."""
    found = re.findall(r"^ *(core\.\w+): (\d+)", said.replace(",", ""), re.MULTILINE)
    return {table: int(number) for table, number in found}


KINDS: dict[str, Literal["user", "search"]] = {"by user": "user", "by search": "search"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_purge_deletes_what_its_trial_run_counted(
    data: DataDir, capsys: pytest.CaptureFixture[str], kind: Literal["user", "search"]
) -> None:
    """Trial run and signed report have the numbers of this test's own SQL, and afterwards nothing is left."""
    assert ask(data, "select count(*) >= 10000 from core.videos") == [(True,)]
    meant = user_with_most(data) if kind == "user" else only_of_search(data, "every")
    words = (f"@{meant.user}",) if kind == "user" else ("--search", "every")
    rows, answers = rows_of(data, meant), landed_about(data, meant)
    assert min(len(meant.videos), len(meant.comments), answers["landed_records"], answers["landed_pages"]) > 0
    stored = counts_of(data)

    assert run("purge", *words, "--dry-run") == 0
    said = capsys.readouterr().out
    assert said_rows(said) == rows
    (found,) = re.findall(r"landed answers: ([\d,]+) records? and ([\d,]+) whole pages? in ([\d,]+) files?", said)
    assert [int(number.replace(",", "")) for number in found] == [*answers.values()]

    assert run("purge", *words, "--yes") == 0
    (report,) = data.deletions.glob("*.json")
    assert list(verify_reports(data.deletions, Tombstones.of(data.internal))) == []
    assert json.loads(report.read_text())["counts"] == {
        "videos": len(meant.videos),
        "comments": len(meant.comments),
        "accounts": int(bool(meant.user)),
        "profiles": len(meant.creators),
        **answers,
    }
    left = counts_of(data)
    assert {table: stored[table] - left.get(table, 0) for table in rows} == rows
    assert Remains(meant.ids).places(data.root) == []
    assert Remains(meant.ids).places(data.root.parent / "backup") == []


def counts_of(files: DataDir) -> dict[str, int]:
    """Rows of each stored core table that has some."""
    tables = column(files, "select table_name from duckdb_tables() where schema_name = 'core'")
    counts = {f"core.{table}": ask(files, f"select count(*) from core.{table}")[0][0] for table in sorted(tables)}
    return {table: number for table, number in counts.items() if number}


def test_the_certificate_has_what_was_there(data: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows of each table, landed files, exports and backups; afterwards no id is left, and nothing by hand."""
    ids = column(data, "select video_id from core.videos union select comment_id from core.comments")
    expected = {**counts_of(data), "landed files": len(landed_files(data)), "exports": 1, "backups": 1}

    assert run("purge", "--all", "--dry-run") == 0
    said = dict(re.findall(r"^ +([\w. ]+): ([\d,]+)$", capsys.readouterr().out, re.MULTILINE))
    assert {kind: int(number.replace(",", "")) for kind, number in said.items()} == expected

    assert run("purge", "--all", "--yes") == 0
    (certificate,) = data.deletions.glob("*-certificate.json")
    assert list(verify_reports(data.deletions, Tombstones.of(data.internal))) == []
    assert json.loads(certificate.read_text())["counts"] == expected
    text = certificate.with_suffix(".txt").read_text()
    assert all(f"{number:>14,}  {kind}\n" in text for kind, number in expected.items())
    assert Remains(ids).places(data.root) == []
    assert not (data.root.parent / "backup").exists()
