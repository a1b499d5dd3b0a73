"""`tt trace` as users call it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tt_pipeline.coverage.source import replace_source
from tt_pipeline.data_dir import DataDir
from tt_pipeline.quota import Ledger, Purpose, key_fingerprint
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.journeys.mounts import READ_ONLY, UNSHARE, can_mount
from tt_pipeline_tests.warehouse.builders import land, later, page, snowflake, video


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data dir with two landed pages."""
    folder = tmp_path / "data"
    land(folder / "internal" / "landing", [page(video(1)), page(video(1), fetched_at=later(days=9), log_id="L2")])
    monkeypatch.setenv("TT_DATA_DIR", str(folder))
    monkeypatch.setenv("TT_CLOCK", "2026-11-20T12:00:00+00:00@1")
    return folder


def test_the_table_names_request_and_page(capsys: pytest.CaptureFixture[str]) -> None:
    """It has log_id, file and line of each page, and the files that were read."""
    assert run("trace", str(snowflake(1))) == 0
    output = capsys.readouterr().out
    assert all(
        word in output
        for word in (
            "L1",
            "L2",
            ".look-1.ndjson:2",
            "data.videos[].id",
            ": 1 landed file, no warehouse and 0 exports.",
        )
    )


def test_the_json_has_each_request(capsys: pytest.CaptureFixture[str]) -> None:
    """Every page has its request."""
    assert run("trace", str(snowflake(1)), "--json") == 0
    output = json.loads(capsys.readouterr().out)
    assert [(page["log_id"], page["request"]["start_date"]) for page in output["pages"]] == [
        ("L1", "20261001"),
        ("L2", "20261001"),
    ]


def test_a_trace_without_a_result_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The message has the number of files that were read."""
    assert run("trace", "@nobody") == 0
    assert "@nobody is not stored here." in capsys.readouterr().out


def fail_once(data: Path, client_key: str, log_id: str) -> None:
    """Settle a failed request of a key, one day before the tests' now."""
    clock, key = FrozenClock(later(days=14)), key_fingerprint(client_key)
    with Ledger(data / "internal" / "ledger.sqlite", client_key=key, clock=clock) as ledger:
        reserved = ledger.gate(Purpose(study="s", dataset="videos")).reserve(Bucket.MAIN, "video_query")
        reserved.settle(status=500, code="internal_error", log_id=log_id, records=0, slots=0, seconds=1)


def test_the_letter_is_about_this_key(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has the failures of the last days, but neither the key nor failures of another key."""
    monkeypatch.setenv("TT_CLIENT_KEY", "awsecretkey")
    fail_once(data, "awsecretkey", "20261119X")
    fail_once(data, "another", "20261119Y")

    assert run("trace", "--failed", "--days", "3") == 0
    output = capsys.readouterr().out
    secrets = ("awsecretkey", key_fingerprint("awsecretkey"))
    assert ("20261119X" in output, "20261119Y" in output, [word for word in secrets if word in output]) == (
        True,
        False,
        [],
    )
    assert run("trace", "--failed", "--days", "1") == 0
    assert "No request of the key in TT_CLIENT_KEY failed in the last 1 day." in capsys.readouterr().out


def test_without_a_key_the_letter_is_about_every_key(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It has the failed requests of every key in the ledger."""
    fail_once(data, "awsecretkey", "20261119X")
    fail_once(data, "another", "20261119Y")

    assert run("trace", "--failed", "--days", "3") == 0
    output = capsys.readouterr().out
    assert ("20261119X" in output, "20261119Y" in output, "https://open.tiktokapis.com failed" in output) == (True,) * 3


def test_no_letter_to_support_for_the_simulator(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The server of the data dir is named, whatever the settings are now."""
    fail_once(data, "sim-key", "20261119X")
    replace_source(DataDir(data), "http://127.0.0.1:8641")

    assert run("trace", "--failed") == 0
    output = capsys.readouterr().out
    assert output.startswith("These requests went to http://127.0.0.1:8641 on this machine, not to TikTok")
    assert ("20261119X" in output, "Dear" in output, "tiktokapis" in output) == (True, False, False)


def test_an_archive_that_is_read_only_is_traced(data: Path) -> None:
    """A trace does not write, so the folder need not be writable."""
    if not can_mount(data.parent):
        pytest.skip("needs a mount namespace")
    tracing = f'{READ_ONLY} "$0" && exec "{sys.executable}" -m tt_pipeline.cli trace {snowflake(1)}'
    done = subprocess.run([*UNSHARE, "sh", "-c", tracing, data], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, "L2" in done.stdout) == (0, "", True)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ((), "Name an id or a username, for example"),
        (("7692239745136459777", "--failed"), "Use one of the two: `tt trace 7692239745136459777`"),
    ],
)
def test_one_identifier_is_required(words: tuple[str, ...], answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 2, and the message has an example."""
    assert run("trace", *words) == 2
    assert answer in capsys.readouterr().err
