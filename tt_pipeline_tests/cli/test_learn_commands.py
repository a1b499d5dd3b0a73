"""The commands that beginners type first: demo and simulate."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tt_pipeline_tests.cli.builders import run


def test_the_simulator_says_what_to_type(tmp_path: Path) -> None:
    """The first line is its URL; the variables lead to a data dir of its own, so that data are not mixed."""
    command = [sys.executable, "-m", "tt_pipeline.cli", "simulate", "--port", "0", "--videos-per-day", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout
        lines = [process.stdout.readline().strip() for _ in range(5)]
        process.send_signal(signal.SIGINT)

    base_url = lines[0]
    assert base_url.startswith("http://127.0.0.1:")
    assert [line for line in lines if line.startswith("export ")] == [
        f"export TT_API_BASE_URL={base_url} TT_CLIENT_KEY=sim-key TT_CLIENT_SECRET=sim-secret",
        "export TT_DATA_DIR=practice",
    ]


def test_a_next_day_needs_a_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written where there is none."""
    assert run("demo", "--next-day") == 2
    assert capsys.readouterr().err == (
        f"There is no demo in {tmp_path}/data/demo to go on with: run `tt demo` first.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [("--ui", "--chaos"), ("--chaos", "--next-day")])
def test_a_demo_shows_one_thing(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """An option is not silently ignored."""
    assert run("demo", *options) == 2
    assert capsys.readouterr().err == "Use one of --ui, --chaos and --next-day.\n"
