"""Clocks, which are passed to the code that needs the time; no other module reads the machine's clock or waits.

Instants are aware and in UTC; the quota day is the UTC day.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from tt_pipeline.errors import SettingsError


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` of this clock have passed."""
        ...


_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_SLOWEST, _FASTEST = 1e-6, 1e6


def real_now() -> datetime:
    """The machine's current time, aware, UTC."""
    return datetime.now(UTC)  # noqa: TID251 — the one place that reads the machine's clock


def real_sleep(seconds: float) -> None:
    """Wait on the machine's clock."""
    time.sleep(max(0.0, seconds))  # noqa: TID251 — the one place that waits


def today(clock: Clock) -> date:
    """The current UTC day."""
    return clock.now().astimezone(UTC).date()


def start_of(day: date) -> datetime:
    """00:00 UTC of a day, when the day's quota becomes available."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def next_midnight(now: datetime) -> datetime:
    """The next 00:00 UTC, when every quota bucket is reset."""
    return start_of(now.astimezone(UTC).date() + timedelta(days=1))


def opens_after(refused_at: datetime) -> datetime:
    """When requests are possible again after the server has called a bucket used up.

    In the first hour of a UTC day the server may still count the day before, because its clock can be behind ours.
    So such a refusal ends after that hour, any later one at midnight.
    """
    first_hour_ends = start_of(refused_at.astimezone(UTC).date()) + timedelta(hours=1)
    return first_hour_ends if refused_at < first_hour_ends else next_midnight(refused_at)


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The machine's current time."""
        return real_now()

    def sleep(self, seconds: float) -> None:
        """Wait on the machine's clock."""
        real_sleep(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftedClock:
    """A clock that stood at `starts_at` when the machine's stood at `anchor`, and runs `rate` times as fast.

    Processes with the same three values always show the same time. For tests and demonstrations.
    """

    starts_at: datetime
    anchor: datetime
    rate: float

    def now(self) -> datetime:
        """The current instant of the shifted clock."""
        return self.when(real_now())

    def when(self, real: datetime) -> datetime:
        """What the shifted clock shows when the machine's clock shows `real`."""
        return self.starts_at + (real - self.anchor) * self.rate

    def sleep(self, seconds: float) -> None:
        """Wait `seconds` of the shifted clock."""
        real_sleep(seconds / self.rate)

    def __str__(self) -> str:
        return f"{self.starts_at.isoformat()}@{self.rate:g}@{self.anchor.isoformat()}"


def clock_from(spec: str, *, now: Callable[[], datetime] = real_now) -> Clock:
    """Read `system`, `<instant>@<rate>` or `<instant>@<rate>@<anchor>`.

    Without an anchor the clock starts now; `str(clock)` returns the form with the anchor, for other processes.

    Raises:
        SettingsError: The text has none of these forms, or a time or rate with which nobody can compute.
    """
    if spec == "system":
        return SystemClock()
    try:
        instant, rate, *rest = spec.split("@", maxsplit=2)
        current = now()
        anchor = _aware(rest[0]) if rest else current
        clock = ShiftedClock(starts_at=_aware(instant), anchor=anchor, rate=float(rate))
        instants = (clock.starts_at, clock.anchor, clock.when(current))
        if not (_SLOWEST <= clock.rate <= _FASTEST and all(_FIRST <= instant < _LAST for instant in instants)):
            raise ValueError(spec)  # noqa: TRY301 — reported like other unreadable texts
    except (ValueError, OverflowError) as error:
        raise SettingsError(
            "TT_CLOCK",
            f"is {spec!r}",
            remedy="Use `system` or `<instant>@<rate>`, for example 2026-10-01T00:00:00Z@1440, with a year from 2000 "
            "to 2099 and a rate from 0.000001 to 1,000,000.",
        ) from error
    return clock


def _aware(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
