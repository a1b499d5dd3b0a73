"""The blocks of the tutorial and of the guides run from top to bottom, on the simulator."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import pytest

from tt_pipeline.clock import clock_from
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline_tests.documents.blocks import GUIDES, ROOT, TUTORIAL, blocks
from tt_pipeline_tests.documents.walking import walk

pytestmark = pytest.mark.docs

CLOCK: Final = "2026-10-25T12:00:00+00:00@1"
"""Some days after those of the documents' studies."""
STUDY: Final = """\
study: The study of the guides
start: 2026-10-01
end: 2026-10-14
searches:
  climate: {hashtags: [climate]}
comments: {min_comments: 20}
users: false
accounts: {usernames: [nobody_here], lists: [followers, following]}
quota: {requests_per_second: 500}
"""


def _environment(**variables: str) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    kept = {name: os.environ[name] for name in ("HOME", "XDG_STATE_HOME")}
    return {"PATH": path, "LANG": "C.UTF-8", **kept, **variables}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder in which the study of the guides was collected, and the environment of its commands."""
    folder, clock = tmp_path_factory.mktemp("guides"), clock_from(CLOCK)
    (folder / "data").mkdir()
    (folder / "data" / "study.yaml").write_text(STUDY, encoding="utf-8")
    world = World.until_yesterday(clock.now(), seed=7, days=30, videos_per_day=60)
    with running(Simulator(world, knobs=Knobs(), now=clock.now)) as server:
        credentials = {"TT_CLIENT_KEY": "sim-key", "TT_CLIENT_SECRET": "sim-secret"}
        environment = _environment(TT_API_BASE_URL=server, TT_CLOCK=f"{clock}", **credentials)
        subprocess.run(["tt", "collect"], cwd=folder, env=environment, check=True, capture_output=True)
        yield folder, environment


def test_the_tutorial_can_be_followed(tmp_path: Path) -> None:
    """In an empty folder and without settings, each command works, and the second collection sends nothing."""
    ended = walk(blocks(ROOT / "docs" / TUTORIAL), tmp_path, _environment(TT_CLOCK=f"{clock_from(CLOCK)}"))
    assert ended.returncode == 0, ended.stdout
    assert "marts.videos.csv" in ended.stdout


@pytest.mark.slow
def test_the_class_can_follow_its_page(tmp_path: Path) -> None:
    """What students type works in a shell, in an empty folder and without settings."""
    ended = walk(
        blocks(ROOT / "docs" / "cookbook" / "class.md"), tmp_path, _environment(TT_CLOCK=f"{clock_from(CLOCK)}")
    )
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("page", GUIDES)
def test_a_guide_can_be_followed(collected: tuple[Path, dict[str, str]], tmp_path: Path, page: str) -> None:
    """Each command of the page works on a copy of a study that has been collected."""
    folder = shutil.copytree(collected[0], tmp_path / "copy")
    ended = walk((block for block in blocks(ROOT / "docs" / page) if block.language != "python"), folder, collected[1])
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("page", ["evidence/sampling.md", "r-quick-start.md", "study.md"])
def test_the_queries_of_a_page_can_be_run(collected: tuple[Path, dict[str, str]], page: str) -> None:
    """SQL in a block, and SQL that a block of R sends."""
    found = list(blocks(ROOT / "docs" / page))
    queries = [block.text for block in found if block.language == "sql"]
    queries += [
        query for block in found if block.language == "r" for query in block.text.split('"')[1::2] if "select" in query
    ]
    with duckdb.connect(collected[0] / "data" / "warehouse.duckdb", read_only=True) as warehouse:
        assert len([warehouse.execute(query).description for query in queries]) >= 1
