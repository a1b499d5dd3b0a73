"""Which profiles are missing on a day, and how long a refusal is remembered."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tt_pipeline.coverage.profiles import ProfileCoverage
from tt_pipeline.landing import PageEntry, VideoFacts
from tt_pipeline.studies import UserRules
from tt_pipeline.vocabulary import Refusal, StopReason, Username, VideoId

DAY = date(2026, 10, 2)
LENA = Username("lena")


def refused(refusal: Refusal, *, days_before: int) -> PageEntry:
    """A look at Lena's profile so many days before DAY, which the API refused."""
    at = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC) - timedelta(days=days_before)
    return PageEntry(
        subject=LENA,
        look=1,
        day=at.date(),
        first_at=at,
        last_at=at,
        pages=1,
        slots=0,
        records=0,
        cursor=0,
        failures=0,
        refusal=refusal,
        ends=StopReason.REFUSED,
    )


@pytest.mark.parametrize(
    ("refusal", "days_before", "missing"),
    [
        (Refusal.UNKNOWN, 30, []),
        (Refusal.UNKNOWN, 31, [LENA]),
        (Refusal.PRIVATE, 31, []),
        (Refusal.PRIVATE, 90, []),
        (Refusal.PRIVATE, 91, [LENA]),
    ],
)
def test_a_refusal_for_an_unknown_reason_is_remembered_for_thirty_days(
    refusal: Refusal, days_before: int, missing: list[Username]
) -> None:
    """It may be an error of the API, so `users.refused_days` is not its rule."""
    video = VideoFacts(video_id=VideoId(1), day=DAY, username=LENA, comment_count=0)
    now = datetime(2026, 11, 1, tzinfo=UTC)
    profiles: dict[str, PageEntry] = {LENA: refused(refusal, days_before=days_before)}
    held = ProfileCoverage(UserRules(wanted=True, refused_days=90), now, {DAY: [video]}, profiles)

    assert held.accounts_to_request(DAY) == missing
