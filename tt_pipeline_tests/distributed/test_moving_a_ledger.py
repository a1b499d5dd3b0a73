"""A ledger in a file moves into a database whole and once, beside what other studies count there."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from tt_pipeline.errors import MoveFailed
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.quota import Ledger, MovedLedger, Purpose, move_ledger, moving
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.frozen_clock import FrozenClock

pytestmark = [pytest.mark.slow, pytest.mark.distributed]
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
CLOCK = FrozenClock(NOON)


def sent(place: Path | PostgresUrl, study: str, number: int) -> list[tuple[object, ...]]:
    """Send requests, the last of which is not settled, and return every row of the study, without ids."""
    with Ledger(place, client_key="key", clock=CLOCK) as ledger:
        for each in range(number):
            request = ledger.gate(Purpose(study=study, dataset="videos", zone="z")).reserve(Bucket.MAIN, "video_query")
            if each < number - 1:
                request.settle(status=200, code="ok", log_id=None, records=1, slots=2, seconds=0.5)
        ledger.remember_zone(study, "z", 3)
    return rows(place, study)


def rows(place: Path | PostgresUrl, study: str) -> list[tuple[object, ...]]:
    with Ledger(place, client_key="key", clock=CLOCK) as ledger:
        names, found = ledger.rows()
        return [row[1:] for row in found if row[names.index("study")] == study]


def test_it_moves_once(url: PostgresUrl, tmp_path: Path) -> None:
    """Requests of another study keep their ids; a second call moves what was added since, and the ids go on."""
    file = tmp_path / "ledger.sqlite"
    others = sent(url, "theirs", 4)
    ours = sent(file, "ours", 7)

    assert move_ledger(file, url, CLOCK) == MovedLedger(requests=7, before=0)
    assert move_ledger(file, url, CLOCK) == MovedLedger(requests=0, before=7)
    assert (rows(url, "theirs"), rows(url, "ours")) == (others, ours)
    ours = sent(file, "ours", 2)
    assert move_ledger(file, url, CLOCK) == MovedLedger(requests=2, before=7)
    assert rows(url, "ours") == ours

    sent(url, "theirs", 1)
    with Ledger(url, client_key="key", clock=CLOCK) as ledger:
        assert [row[0] for row in ledger.rows()[1]] == list(range(1, 15))
        assert ledger.use(Bucket.MAIN).used == 14
        assert [zone.loads for zone in ledger.zones("ours")] == [3]


def test_what_did_not_arrive_is_noticed(url: PostgresUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is kept in the database."""
    sent(tmp_path / "ledger.sqlite", "ours", 3)
    monkeypatch.setattr(moving, "_OF_REQUESTS", moving._OF_REQUESTS.replace("order by", "and request_id <> 2 order by"))

    with pytest.raises(MoveFailed, match=r"other rows than were moved\. This data dir is unchanged"):
        move_ledger(tmp_path / "ledger.sqlite", url, CLOCK)

    assert rows(url, "ours") == []


def test_a_file_that_is_no_ledger_is_one_sentence(url: PostgresUrl, tmp_path: Path) -> None:
    """Nothing is kept."""
    (tmp_path / "ledger.sqlite").write_bytes(b"no database" * 500)
    with pytest.raises(MoveFailed, match="cannot be read as a ledger"):
        move_ledger(tmp_path / "ledger.sqlite", url, CLOCK)
    with psycopg.connect(url.url) as connection:
        assert connection.execute("select count(*) from requests").fetchone() == (0,)
