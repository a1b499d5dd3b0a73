"""The ledger counts each request once and never permits more than the limit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from tt_pipeline.errors import QuotaExhausted
from tt_pipeline.quota import BucketUse, Ledger, Purpose, key_fingerprint
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.quota.asking_processes import requests_of_processes
from tt_pipeline_tests.quota.conftest import Place

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
COMMENTS = Purpose(study="Climate", dataset="comments")


def open_ledger(file: Place, *, limit: int = 1_000, clock: FrozenClock | None = None) -> Ledger:
    limits = {Bucket.MAIN: limit, Bucket.SOCIAL: 20_000}
    return Ledger(file, client_key="key", clock=clock or FrozenClock(NOON), limits=limits)


def test_a_request_counts_before_it_is_sent(place: Place) -> None:
    """A reservation is spent at once, and stays spent after its process has ended."""
    with open_ledger(place) as ledger:
        ledger.gate(COMMENTS).reserve(Bucket.MAIN, "comment_list")

    with open_ledger(place) as reopened:
        assert reopened.use(Bucket.MAIN) == BucketUse(
            bucket=Bucket.MAIN,
            day=date(2026, 10, 5),
            used=1,
            limit=1_000,
            opens_at=datetime(2026, 10, 6, tzinfo=UTC),
        )


def test_the_limit_is_never_passed(place: Place) -> None:
    """After the last request of the day the error has the reset time, and nothing is written."""
    with open_ledger(place, limit=2) as ledger:
        gate = ledger.gate(COMMENTS)
        gate.reserve(Bucket.MAIN, "comment_list")
        gate.reserve(Bucket.MAIN, "comment_list")
        with pytest.raises(QuotaExhausted) as refused:
            gate.reserve(Bucket.MAIN, "comment_list")

        assert refused.value.resets_at == datetime(2026, 10, 6, tzinfo=UTC)
        assert len(ledger.rows()[1]) == 2


def test_threads_share_the_last_requests(place: Place) -> None:
    """Eight threads that try 200 requests with a limit of 100 send 100 together."""
    with open_ledger(place, limit=100) as ledger, ThreadPoolExecutor(8) as threads:

        def ask(_: int) -> bool:
            try:
                ledger.gate(COMMENTS).reserve(Bucket.MAIN, "comment_list")
            except QuotaExhausted:
                return False
            return True

        assert sum(threads.map(ask, range(200))) == 100


def test_processes_share_the_last_requests(place: Place) -> None:
    """Four processes that try 40 requests each with a limit of 100 send 100 together."""
    assert requests_of_processes(place, processes=4, each=40, limit=100) == 100


def test_the_servers_daily_429_wins_over_our_count(place: Place) -> None:
    """After the server's daily 429 no request is sent until 00:00 UTC, even if few were counted."""
    clock = FrozenClock(NOON)
    with open_ledger(place, clock=clock) as ledger:
        refused = ledger.gate(COMMENTS).reserve(Bucket.MAIN, "comment_list")
        refused.settle(status=429, code="daily_quota_limit_exceeded", log_id=None, records=0, slots=0, seconds=0.1)

        assert (ledger.use(Bucket.MAIN).left, ledger.use(Bucket.SOCIAL).left) == (0, 20_000)
        with pytest.raises(QuotaExhausted):
            ledger.gate(COMMENTS).reserve(Bucket.MAIN, "comment_list")
        clock.advance(days=1)
        assert ledger.use(Bucket.MAIN).left == 1_000


def test_a_server_whose_day_begins_later_costs_an_hour(place: Place) -> None:
    """A daily 429 in our first hour may mean its previous day: one more try at 01:00, then it is believed."""
    clock = FrozenClock(datetime(2026, 10, 5, 0, 6, tzinfo=UTC))
    with open_ledger(place, clock=clock) as ledger:

        def refused() -> None:
            reservation = ledger.gate(COMMENTS).reserve(Bucket.MAIN, "comment_list")
            reservation.settle(
                status=429, code="daily_quota_limit_exceeded", log_id=None, records=0, slots=0, seconds=0.1
            )

        refused()
        use = ledger.use(Bucket.MAIN)
        assert (use.left, use.opens_at) == (0, datetime(2026, 10, 5, 1, tzinfo=UTC))
        clock.advance(seconds=3600)
        assert ledger.use(Bucket.MAIN).left == 1_000
        refused()
        use = ledger.use(Bucket.MAIN)
        assert (use.left, use.opens_at) == (0, datetime(2026, 10, 6, tzinfo=UTC))


def test_failed_requests_are_spent_and_refused_ones_are_not(place: Place) -> None:
    """A 500 costs quota; a burst 429, an expired token or an unreachable server costs nothing."""
    with open_ledger(place) as ledger:
        for code in ("internal_error", "no_answer", "rate_limit_exceeded", "access_token_invalid", "unreachable"):
            reservation = ledger.gate(COMMENTS).reserve(Bucket.MAIN, "comment_list")
            reservation.settle(status=None, code=code, log_id=None, records=0, slots=0, seconds=0.0)

        assert ledger.use(Bucket.MAIN).used == 2


@pytest.mark.parametrize(
    ("status", "code", "used"),
    [(401, "invalid_token", 0), (429, "unreadable", 0), (400, "invalid_params", 1), (200, "unreadable", 1)],
)
def test_a_refused_request_is_recognised_by_its_status(place: Place, status: int, code: str, used: int) -> None:
    """A 401 or 429 costs nothing, even if its body cannot be read; every other answer costs one request."""
    with open_ledger(place) as ledger:
        reservation = ledger.gate(COMMENTS).reserve(Bucket.MAIN, "comment_list")
        reservation.settle(status=status, code=code, log_id=None, records=0, slots=0, seconds=0.0)

        assert ledger.use(Bucket.MAIN).used == used


def test_a_request_is_settled_once(place: Place) -> None:
    """Settling a request again changes nothing."""
    with open_ledger(place) as ledger:
        reservation = ledger.gate(COMMENTS).reserve(Bucket.MAIN, "comment_list")
        reservation.settle(status=200, code="ok", log_id="first", records=3, slots=3, seconds=0.1)
        reservation.settle(status=500, code="internal_error", log_id="second", records=0, slots=0, seconds=0.1)

        columns, rows = ledger.rows()
        assert [dict(zip(columns, row, strict=True))["log_id"] for row in rows] == ["first"]


def test_a_reserve_is_kept_for_the_daily_run(place: Place) -> None:
    """A backfill stops when only the reserve is left; the daily run may use the reserve."""
    with open_ledger(place, limit=10) as ledger:
        backfill = ledger.gate(Purpose(study="s", dataset="videos", reserve=9))
        backfill.reserve(Bucket.MAIN, "video_query")
        with pytest.raises(QuotaExhausted):
            backfill.reserve(Bucket.MAIN, "video_query")

        ledger.gate(COMMENTS).reserve(Bucket.MAIN, "comment_list")
        assert ledger.use(Bucket.MAIN).used == 2


def test_a_fingerprint_does_not_reveal_the_key() -> None:
    """Keys have different fingerprints, and the ledger does not contain the keys."""
    assert key_fingerprint("sim-key") == key_fingerprint("sim-key") != key_fingerprint("other")
    assert "sim-key" not in key_fingerprint("sim-key")


def test_studies_are_told_apart(place: Place) -> None:
    """Each study has its requests of today; a refused request, another day and another key do not count."""
    clock = FrozenClock(NOON)
    with open_ledger(place, clock=clock) as ledger:
        ledger.gate(Purpose(study="yesterday", dataset="videos")).reserve(Bucket.MAIN, "video_query")
        clock.advance(seconds=86_400)
        for study in ("second", "first", "first"):
            ledger.gate(Purpose(study=study, dataset="videos")).reserve(Bucket.MAIN, "video_query")
        refused = ledger.gate(Purpose(study="second", dataset="videos")).reserve(Bucket.MAIN, "video_query")
        refused.settle(status=429, code="rate_limit_exceeded", log_id=None, records=0, slots=0, seconds=0.1)
        found = ledger.use_by_study()
        used = ledger.use(Bucket.MAIN).used

    assert [(use.study, use.bucket, use.requests, use.last_at) for use in found] == [
        ("first", Bucket.MAIN, 2, clock.now()),
        ("second", Bucket.MAIN, 1, clock.now()),
    ]
    assert used == 3


def test_the_title_that_sent_the_latest_request_is_last(place: Place) -> None:
    """A study that got its earlier title back has that title, whichever was used first."""
    with Ledger(place, client_key="k", clock=FrozenClock(NOON)) as ledger:
        for title in ("Bees", "Wild bees", "Bees"):
            ledger.remember_zone(title, "zone", 1)
            ledger.gate(Purpose(study=title, dataset="videos")).reserve(Bucket.MAIN, "video_query")

        assert ledger.titles("zone") == ["Wild bees", "Bees"]
