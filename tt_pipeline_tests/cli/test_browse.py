"""`tt browse` as users call it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tt_pipeline_tests.browse.published import publish_odd
from tt_pipeline_tests.cli.builders import run


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data dir without a published file."""
    folder = tmp_path / "data"
    (folder / "internal").mkdir(parents=True)
    monkeypatch.setenv("TT_DATA_DIR", str(folder))
    return folder


def test_without_a_published_file_it_says_how_to_get_one(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, exit code 2, and nothing is served."""
    assert run("browse") == 2
    assert f"{data}/warehouse.duckdb does not exist yet: run `tt collect`" in capsys.readouterr().err


def test_a_damaged_file_is_said_at_once(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the remedy."""
    (data / "warehouse.duckdb").write_bytes(b"no database" * 1000)
    assert run("browse") == 2
    assert "`tt rebuild` makes it again" in capsys.readouterr().err


def test_a_taken_port_is_one_sentence(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It names the option that helps."""
    publish_odd(data)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run("browse", "--port", str(taken.getsockname()[1])) == 2
    assert "perhaps as another `tt browse` runs. Choose another with --port" in capsys.readouterr().err


def test_it_prints_its_address_and_ends_quietly(data: Path) -> None:
    """The first line is the address; Ctrl-C ends it with one word and the usual exit code."""
    publish_odd(data)
    command = [sys.executable, "-m", "tt_pipeline.cli", "browse", "--port", "0"]
    with subprocess.Popen(
        command, env=dict(os.environ), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        base_url = process.stdout.readline().strip()
        assert process.stdout.readline() == "Open this address in a browser on this machine. Stop it with Ctrl-C.\n"
        with httpx.Client(base_url=base_url, trust_env=False, timeout=30) as client:
            assert "marts.videos" in client.get("/").text
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert output == ""
    assert errors == "Stopped.\n"
