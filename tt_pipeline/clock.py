"""What time it is, as a value that is passed in: the only module that reads or waits for the machine's time.

Instants are aware and in UTC; the quota day is the UTC day.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol, Self

from tt_pipeline.errors import SettingsError


class Clock(Protocol):
    """Tells and waits."""

    def now(self) -> datetime:
        """The instant, aware, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` of this clock have passed."""
        ...


def real_now() -> datetime:
    """The machine's instant, aware, UTC."""
    return datetime.now(UTC)  # noqa: TID251 — here is where the machine's clock is read


def real_sleep(seconds: float) -> None:
    """Wait on the machine's clock."""
    time.sleep(max(0.0, seconds))  # noqa: TID251 — here is where the machine waits


def today(clock: Clock) -> date:
    """The UTC day."""
    return clock.now().astimezone(UTC).date()


def start_of(day: date) -> datetime:
    """00:00 UTC of a day: the instant at which the day's quota opens."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def next_midnight(now: datetime) -> datetime:
    """The next 00:00 UTC: when every bucket of quota opens again."""
    return start_of(now.astimezone(UTC).date() + timedelta(days=1))


def opens_after(refused_at: datetime) -> datetime:
    """When a bucket opens that the server called used up at an instant.

    Within the day's first hour that may be about the day before, by a server whose clock is behind ours: then the day
    is not given up, but tried once more when the hour is over.
    """
    first_hour_ends = start_of(refused_at.astimezone(UTC).date()) + timedelta(hours=1)
    return first_hour_ends if refused_at < first_hour_ends else next_midnight(refused_at)


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The machine's instant."""
        return real_now()

    def sleep(self, seconds: float) -> None:
        """Wait on the machine's clock."""
        real_sleep(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftedClock:
    """A clock that stood at `starts_at` when the machine's stood at `anchor`, and runs `rate` times as fast.

    Two processes with the same three values agree at any time: for tests and demonstrations of midnight.
    """

    starts_at: datetime
    anchor: datetime
    rate: float

    def now(self) -> datetime:
        """The shifted instant."""
        return self.starts_at + (real_now() - self.anchor) * self.rate

    def sleep(self, seconds: float) -> None:
        """Wait `seconds` of the shifted clock."""
        real_sleep(seconds / self.rate)

    def __str__(self) -> str:
        return f"{self.starts_at.isoformat()}@{self.rate:g}@{self.anchor.isoformat()}"


@dataclass(slots=True)
class FrozenClock:
    """A clock that stands still until it is told, for tests; waiting moves it and is remembered."""

    instant: datetime
    slept_s: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.instant

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.slept_s.append(seconds)
        self.advance(seconds=seconds)

    def advance(self, *, days: float = 0, seconds: float = 0) -> Self:
        """Move on."""
        self.instant += timedelta(days=days, seconds=seconds)
        return self


def clock_from(spec: str, *, now: Callable[[], datetime] = real_now) -> Clock:
    """Read `system`, `<instant>@<rate>` or `<instant>@<rate>@<anchor>`.

    Without an anchor the clock starts now; `str(clock)` gives the anchored form that other processes need to agree.

    Raises:
        SettingsError: The text is none of these.
    """
    if spec == "system":
        return SystemClock()
    try:
        instant, rate, *anchor = spec.split("@")
        starts_at = _aware(instant)
        clock = ShiftedClock(starts_at=starts_at, anchor=_aware(anchor[0]) if anchor else now(), rate=float(rate))
        if clock.rate <= 0:
            raise ValueError(rate)  # noqa: TRY301 — told like the other unreadable texts
    except ValueError as error:
        raise SettingsError(
            "TT_CLOCK",
            f"is {spec!r}",
            remedy="Use `system` or `<instant>@<rate>`, for example 2026-10-01T00:00:00Z@1440.",
        ) from error
    return clock


def _aware(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
