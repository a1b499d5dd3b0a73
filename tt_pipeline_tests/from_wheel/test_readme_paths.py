"""README's two paths work from top to bottom in one shell, from the wheel and in an empty folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tt_pipeline.clock import clock_from
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline_tests.documents.blocks import ROOT, blocks, section
from tt_pipeline_tests.documents.walking import walk
from tt_pipeline_tests.from_wheel.conftest import Installed

pytestmark = pytest.mark.docs
README = ROOT / "README.md"
CLOCK = "2026-10-25T12:00:00+00:00@1"
"""The studies of README begin on 2026-10-01."""


STAND_INS = {"pip": "exit 0", "pipx": "exit 0", "uv": "exit 0", "uvx": 'exec "$@"'}
"""Installers: the wheel of this tree is installed already, and no package of another index should be."""


def _stand_ins(folder: Path) -> str:
    folder.mkdir()
    for name, does in STAND_INS.items():
        (folder / name).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        (folder / name).chmod(0o700)
    return f"{folder}"


def _walk(heading: str, folder: Path, environment: dict[str, str]) -> None:
    """Walk the part of README below a heading, in an empty folder."""
    part = section(README.read_text(encoding="utf-8"), heading)
    assert part is not None
    path = f"{_stand_ins(folder.with_name(f'{folder.name}-bin'))}:{environment['PATH']}"
    ended = walk(blocks(README, part), folder, {**environment, "PATH": path})
    assert ended.returncode == 0, ended.stdout


@pytest.fixture
def server() -> Iterator[str]:
    """A simulator with the days of README's study; yields its base URL."""
    clock = clock_from(CLOCK)
    world = World.until_yesterday(clock.now(), seed=7, days=40, videos_per_day=60)
    with running(Simulator(world, knobs=Knobs(), now=clock.now)) as base_url:
        yield base_url


def test_the_path_without_access(installed: Installed, tmp_path: Path) -> None:
    """The demo and the simulator need no credentials."""
    _walk("Without access", tmp_path, {**installed.environment, "TT_CLOCK": f"{clock_from(CLOCK)}"})


def test_the_path_with_access(installed: Installed, server: str, tmp_path: Path) -> None:
    """What is sent to TikTok is sent to the simulator here, with its credentials."""
    credentials = {"TT_CLIENT_KEY": "sim-key", "TT_CLIENT_SECRET": "sim-secret"}
    variables = {"TT_API_BASE_URL": server, "TT_CLOCK": f"{clock_from(CLOCK)}", **credentials}
    _walk("With access", tmp_path, {**installed.environment, **variables})
