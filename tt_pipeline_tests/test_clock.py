"""TT_CLOCK: valid values, and one sentence about each invalid one."""

from datetime import UTC, datetime

import pytest

from tt_pipeline.clock import Clock, ShiftedClock, SystemClock, clock_from
from tt_pipeline.errors import SettingsError

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
REMEDY = (
    "Use `system` or `<instant>@<rate>`, for example 2026-10-01T00:00:00Z@1440, with a year from 2000 to 2099 and a "
    "rate from 0.000001 to 1,000,000."
)


def shifted(instant: datetime, rate: float = 1, anchor: datetime = NOW) -> Clock:
    """A clock that showed the instant at the anchor."""
    return ShiftedClock(starts_at=instant, rate=rate, anchor=anchor)


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLOCKS = {
    "system": SystemClock(),
    "2026-11-20T12:00:00Z@1440": shifted(NOON, 1440),
    "2026-11-20T12:00@0.5": shifted(NOON, 0.5),
    "2026-11-20T14:00:00+02:00@1": shifted(NOON),
    "2026-11-20@1": shifted(datetime(2026, 11, 20, tzinfo=UTC)),
    "2000-01-02@1": shifted(datetime(2000, 1, 2, tzinfo=UTC)),
    "2099-12-30@1": shifted(datetime(2099, 12, 30, tzinfo=UTC)),
    "2026-11-20T12:00:00Z@1@2026-11-29T12:00:00Z": shifted(NOON, 1, NOW),
}


@pytest.mark.parametrize(("spec", "clock"), CLOCKS.items())
def test_clocks(spec: str, clock: Clock) -> None:
    """An instant without a zone is in UTC; without an anchor the clock starts now."""
    assert clock_from(spec, now=lambda: NOW) == clock


REFUSED = """
nan inf -inf 0 1 tea SYSTEM @ @1 @@ 2026-11-20 2026-11-20@ 2026-11-20@@ 2026-11-20@1@ 2026-11-20@1@tea
2026-11-20@nan 2026-11-20@inf 2026-11-20@-inf 2026-11-20@0 2026-11-20@-1 2026-11-20@1e9 2026-11-20@1e-9
2026-11-20@1e999 2026-11-20@one 2026-11-20@0x1 2026-13-01@1 2026-02-30@1 2026-11-20T25:00@1
0001-01-01@1 0001-01-01T00:00+14:00@1 1999-12-31@1 2100-01-01@1 9999-12-31@1 9999-12-31T23:59-14:00@1
2026-11-20@1@0001-01-01 2026-11-20@1@9999-12-31 2026-11-20@1000000@2001-01-01 2026-11-20@1@2026-11-20@2
""".split()


@pytest.mark.parametrize("spec", ["", " ", "2026-11-20 @1", "2026-11-20@1\0", "\udcff@1", *REFUSED], ids=repr)
def test_a_value_that_is_not_a_clock_is_refused(spec: str) -> None:
    """An invalid time is refused; the message has the value and the valid form."""
    with pytest.raises(SettingsError) as refused:
        clock_from(spec, now=lambda: NOW)

    assert str(refused.value) == f"TT_CLOCK is {spec!r}. {REMEDY}"
