"""The vignette of the R package traktok, step by step, in the shell and in Python, on the simulator."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tt_pipeline.cli.exits import Exit
from tt_pipeline.clock import clock_from
from tt_pipeline.query import query
from tt_pipeline.research_api import ResearchApi
from tt_pipeline.simulator import Knobs, Simulator, World
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.contract.shared_server import SharedServer

pytestmark = pytest.mark.journey

CLOCK = "2023-12-03T12:00:00+00:00@1"
FIRST, LAST = date(2023, 11, 1), date(2023, 11, 29)
DAYS = ("--from", f"{FIRST}", "--to", f"{LAST}")
RSTATS = {
    "or": [
        {"operation": "IN", "field_name": "hashtag_name", "field_values": ["rstats"]},
        {"operation": "IN", "field_name": "keyword", "field_values": ["#rstats"]},
    ]
}


@pytest.fixture(scope="module")
def world() -> World:
    """The days of the vignette."""
    return World.until_yesterday(clock_from(CLOCK).now(), seed=7, days=35, videos_per_day=60)


@pytest.fixture
def simulator(
    world: World, server: tuple[SharedServer, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Simulator:
    """TikTok in December 2023, for commands in an empty folder."""
    shared_server, base_url = server
    simulator = Simulator(world, knobs=Knobs(rate_per_minute=10**6), now=clock_from(CLOCK).now)
    shared_server.put_on(simulator)
    monkeypatch.chdir(tmp_path)
    settings = {"API_BASE_URL": base_url, "CLIENT_KEY": "sim-key", "CLIENT_SECRET": "sim-secret", "CLOCK": CLOCK}
    for name, value in settings.items():
        monkeypatch.setenv(f"TT_{name}", value)
    return simulator


@pytest.fixture
def api(server: tuple[SharedServer, str]) -> Iterator[ResearchApi]:
    """A client for a notebook."""
    with ResearchApi(
        "sim-key", "sim-secret", base_url=server[1], clock=clock_from(CLOCK), requests_per_second=1e6
    ) as api:
        yield api


def bodies(simulator: Simulator, endpoint: str) -> list[dict[str, object]]:
    """The bodies of the requests to an endpoint."""
    return [request.body for request in simulator.log if endpoint in request.endpoint]


def creators(simulator: Simulator, number: int = 2) -> list[str]:
    """Accounts that posted on the days."""
    names = (video.creator.username for day in (2, 3, 4) for video in simulator.world.videos(date(2023, 11, day)))
    return list(dict.fromkeys(names))[:number]


def lines(file: str) -> list[dict[str, str]]:
    """The rows of a file."""
    return [json.loads(line) for line in Path(file).read_text().splitlines()]


def test_the_vignette_in_the_shell(simulator: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    """Each step of the vignette is one command; together they store every answer and buy none twice."""
    # Search videos: the line of the documentation as it is typed.
    assert run("search", "#rstats", *DAYS, "--max-pages", "2", "--to", "rows.jsonl") == Exit.COMPLETE
    assert json.dumps(RSTATS) in " ".join(capsys.readouterr().out.split())
    assert bodies(simulator, "video_query")[0]["query"] == RSTATS

    # A query of one's own, in the API's JSON.
    built = query().and_(region_code=["JP", "US"]).or_(hashtag_name="climate").or_(keyword=["climate"])
    built = built.not_(video_length="SHORT")
    Path("q.json").write_text(json.dumps(built.body()))
    assert run("search", "--query", "q.json", *DAYS, "--out", "found.csv") == Exit.COMPLETE
    with Path("found.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    truth = simulator.truth_videos(built.body(), FIRST, LAST)
    assert [row["id"] for row in found] == [str(each) for each in truth]
    assert {row["region_code"] for row in found} == {"JP", "US"}

    # Users, by handle and by link, and their lists.
    one, other = creators(simulator)
    assert run("users", one, f"https://www.tiktok.com/@{other}", "--out", "users.jsonl") == Exit.COMPLETE
    assert [row["username"] for row in lines("users.jsonl")] == [one, other]
    for command in ("pinned", "liked", "following", "followers", "reposted"):
        assert run(command, one, f"https://www.tiktok.com/@{other}", "--out", f"{command}.parquet") == Exit.COMPLETE
        assert "account" in pl.read_parquet(f"{command}.parquet").columns

    # Comments of a video that a search found.
    busiest = max(found, key=lambda row: int(row["comment_count"] or 0))
    assert run("comments", busiest["id"], "--out", "comments.jsonl") == Exit.COMPLETE
    comments = [int(row["id"]) for row in lines("comments.jsonl")]
    assert sorted(comments) == sorted(simulator.truth_comments(int(busiest["id"])))


def test_a_search_of_the_vignette_continues_in_the_shell(
    simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """One page, then the next by the printed search_id and cursor, then the rest; repeated commands send nothing."""
    everything = query().and_(region_code=["JP", "US"])
    Path("q.json").write_text(json.dumps(everything.body()))
    search = ("search", "--query", "q.json", *DAYS, "--out", "rows.jsonl")

    assert run(*search, "--max-pages", "1") == Exit.COMPLETE
    place = re.search(r"search_id (\d+), cursor (\d+)", capsys.readouterr().out)
    assert place
    behind = (*search, "--max-pages", "1", "--search-id", place[1], "--cursor", place[2])
    assert (run(*behind), run(*behind)) == (Exit.COMPLETE, Exit.COMPLETE)
    assert len(bodies(simulator, "video_query")) == 2
    assert run(*search, "--max-pages", "100", "--continue") == Exit.COMPLETE
    assert "The search is complete: no page follows." in capsys.readouterr().out
    truth = simulator.truth_videos(everything.body(), FIRST, LAST)
    assert [int(row["id"]) for row in lines("rows.jsonl")] == truth
    assert len({str(body) for body in bodies(simulator, "video_query")}) == len(bodies(simulator, "video_query"))


def test_the_vignette_in_python(simulator: Simulator, api: ResearchApi) -> None:
    """Each step of the vignette is one call that returns a frame with exact ids."""
    assert api.search("#rstats", FIRST, LAST, max_pages=2).frame().height == 0
    assert bodies(simulator, "video_query")[0]["query"] == RSTATS

    wanted = query().and_(region_code=["JP", "US"]).not_(video_length="SHORT")
    found = api.search(wanted, FIRST, LAST, max_pages=1)
    rest = api.search(wanted, FIRST, LAST, max_pages=None, search_id=found.search_id, cursor=found.cursor)
    ids = [*found.frame()["id"], *rest.frame()["id"]]
    assert ids == simulator.truth_videos(wanted.body(), FIRST, LAST)

    one, other = creators(simulator)
    accounts = (one, f"https://www.tiktok.com/@{other}")
    assert api.users(*accounts).frame()["username"].to_list() == [one, other]
    for call in (api.pinned, api.liked, api.following, api.followers, api.reposted):
        assert "account" in call(*accounts).frame().columns
    busiest = max(found, key=lambda video: video["comment_count"] or 0)
    comments = api.comments(busiest["id"]).frame()
    assert comments["id"].to_list() == simulator.truth_comments(busiest["id"])
