"""`tt trace` as people call it."""

import json
from pathlib import Path

import pytest

from tt_pipeline.clock import FrozenClock
from tt_pipeline.quota import Ledger, Purpose, key_fingerprint
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.cli.test_init_and_check import run
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
    """log_id, file and line of each page, and what was read."""
    assert run("trace", str(snowflake(1))) == 0
    told = capsys.readouterr().out
    assert all(word in told for word in ("L1", "L2", ".look-1.ndjson:2", "data.videos[].id", "Read: 1 landed file,"))


def test_the_json_has_each_request(capsys: pytest.CaptureFixture[str]) -> None:
    """Every page with what was asked."""
    assert run("trace", str(snowflake(1)), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(page["log_id"], page["request"]["start_date"]) for page in told["pages"]] == [
        ("L1", "20261001"),
        ("L2", "20261001"),
    ]


def test_nothing_found_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """With the number of files that were read."""
    assert run("trace", "@nobody") == 0
    assert "Nothing here holds @nobody." in capsys.readouterr().out


def test_the_letter_is_about_this_key(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Failures of the last days; the key itself is not in it."""
    monkeypatch.setenv("TT_CLIENT_KEY", "awsecretkey")
    clock, key = FrozenClock(later(days=14)), key_fingerprint("awsecretkey")
    with Ledger(data / "internal" / "ledger.sqlite", client_key=key, clock=clock) as ledger:
        reserved = ledger.gate(Purpose(study="s", dataset="videos")).reserve(Bucket.MAIN, "video_query")
        reserved.settle(status=500, code="internal_error", log_id="20261119X", records=0, slots=0, seconds=1)

    assert run("trace", "--failed", "--days", "3") == 0
    told = capsys.readouterr().out
    assert ("20261119X" in told, "awsecretkey" in told, key in told) == (True, False, False)
    assert run("trace", "--failed", "--days", "1") == 0
    assert "No request of this client key failed in the last 1 days." in capsys.readouterr().out


@pytest.mark.parametrize("words", [(), ("1", "--failed")])
def test_one_thing_is_asked(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and an example."""
    assert run("trace", *words) == 2
    assert "Name an id or a username, or ask for --failed" in capsys.readouterr().err
