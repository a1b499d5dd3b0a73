"""`tt notebook` as users call it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline.reports import NOTEBOOK
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.warehouse.builders import CLOCK, land, load, page, video

_WITHOUT = """
import sys
sys.modules["marimo"] = None
from tt_pipeline.cli import main
main(["notebook"])
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataDir:
    """A data dir with a published file, and a browser that ends at once."""
    files = DataDir(tmp_path / "data")
    files.root.mkdir()
    load(files.writer, [land(files.landing, [page(video(1))])])
    publish_file(files.writer, files.published, CLOCK)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BROWSER", "true")
    return files


def test_without_a_published_file_it_says_how_to_get_one(files: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, exit code 2, and nothing is served or written."""
    files.published.unlink()
    assert run("notebook", "--edit") == 2
    assert "warehouse.duckdb does not exist yet: run `tt collect`" in capsys.readouterr().err
    assert not files.notebook.exists()


@pytest.mark.usefixtures("files")
def test_without_marimo_it_names_the_extra() -> None:
    """The sentence has the line that installs it."""
    ended = subprocess.run([sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=False)
    message = " ".join(ended.stderr.split())
    assert message == "tt notebook needs marimo, which is not installed: pip install 'tt-pipeline[notebook]'"
    assert ended.returncode == 2


def test_two_ways_at_once_are_refused(files: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """A copy is changed in the browser, a file is written without one."""
    assert run("notebook", "--edit", "--html", "notebook.html") == 2
    assert "Use one of --edit and --html." in capsys.readouterr().err
    assert not files.notebook.exists()


def first_answer(client: httpx.Client) -> httpx.Response:
    """The answer of a server that prints its address before it listens there."""
    ends_at = time.monotonic() + 60
    while True:
        try:
            return client.get("/")
        except httpx.ConnectError:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.1)


@pytest.mark.docs
@pytest.mark.parametrize("words", [["notebook"], ["notebook", "--edit"]], ids=["shown", "edited"])
def test_it_is_served_on_this_machine_to_whoever_has_the_token(files: DataDir, words: list[str]) -> None:
    """Without the token every page leads to the login; --edit opens a copy in the data dir."""
    command = [sys.executable, "-m", "tt_pipeline.cli", *words]
    environment = dict(os.environ) | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, env=environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout
            address = next(line.split()[-1] for line in process.stdout if "access_token=" in line)
            base_url = address.partition("?")[0].replace("localhost", "127.0.0.1")
            token = address.partition("access_token=")[2]
            with httpx.Client(base_url=base_url, trust_env=False, timeout=60) as client:
                refused, shown = first_answer(client), client.get("/", params={"access_token": token})
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        finally:
            process.kill()

    assert len(token) >= 20
    assert (refused.status_code, refused.headers["location"]) == (303, "/auth/login?next=%2F")
    assert shown.status_code in {200, 303}
    assert "auth/login" not in shown.headers.get("location", "")
    assert files.notebook.exists() == ("--edit" in words)


@pytest.mark.docs
def test_the_copy_of_the_owner_stays(files: DataDir) -> None:
    """What a person wrote in it is not replaced, and the packaged one is run for --html."""
    files.notebook.write_text("mine", encoding="utf-8")
    assert run("notebook", "--html", "notebook.html") == 0
    assert files.notebook.read_text(encoding="utf-8") == "mine"
    assert "What a study shows" in Path("notebook.html").read_text(encoding="utf-8")
    assert not NOTEBOOK.with_name("__marimo__").exists()
