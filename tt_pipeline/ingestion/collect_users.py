"""Buy the profiles of the creators whose videos searches found on some days, each creator once over all searches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from tt_pipeline.coverage.study_coverage import Holdings
from tt_pipeline.errors import ApiError
from tt_pipeline.ingestion.bookkeeping import FailureLimit, Tally, carry_out
from tt_pipeline.ingestion.envelopes import subject_envelope, unavailable
from tt_pipeline.ingestion.in_flight import each_in_flight
from tt_pipeline.ingestion.report import CollectReport, DayReport, day_report
from tt_pipeline.ingestion.session import LANES, CollectionSession
from tt_pipeline.landing import LandingWriter, day_load_id
from tt_pipeline.research_api import Page
from tt_pipeline.vocabulary import Dataset, Username


def collect_users(
    session: CollectionSession, days: Sequence[date], *, again_since: datetime | None = None
) -> CollectReport:
    """Land the profiles that are missing or older than the study allows; not found and refused are remembered too.

    Args:
        session: What it works with.
        days: UTC days on which the creators' videos were created.
        again_since: Buy one more look at each creator who was not looked up since then.
    """

    def work(tally: Tally) -> None:
        # One lease for all days: a creator may be found on several, and is bought once.
        with session.zone.lease(Dataset.USERS):
            bought: set[Username] = set()
            held = session.holdings(min(days), max(days))
            for day in days:
                bought |= _buy_profiles(session, held, day, tally, without=bought, again_since=again_since)

    def state() -> list[DayReport]:
        held = session.holdings(min(days), max(days))
        return [state_users(held, day) for day in days]

    return carry_out(session, "users", Dataset.USERS, work=work, state=state)


@dataclass(frozen=True, slots=True)
class _Profile:
    """A creator to be asked for, the n-th time."""

    username: Username
    look: int


def _buy_profiles(
    session: CollectionSession,
    held: Holdings,
    day: date,
    tally: Tally,
    *,
    without: set[Username],
    again_since: datetime | None,
) -> set[Username]:
    if again_since:
        wanted = [name for name in held.people.named(day) if not _is_whole_since(held, name, again_since)]
    else:
        wanted = held.people.to_buy(day)
    profiles = [_Profile(name, _next_look(held, name)) for name in wanted if name not in without]
    if not profiles or not session.study.users.wanted:
        return set()
    with session.zone.writing(day_load_id(Dataset.USERS, day, session.run_id), packs=True) as writer:
        buying = partial(_buy, session, writer, tally, FailureLimit(), day)
        each_in_flight(profiles, buying, at_most=session.in_flight, lanes=LANES)
    return {profile.username for profile in profiles}


def _is_whole_since(held: Holdings, username: Username, since: datetime) -> bool:
    return username in held.profiles and held.profiles[username].is_whole_since(since)


def _next_look(held: Holdings, username: Username) -> int:
    """The n-th look; one that failed goes on under its number."""
    profile = held.profiles.get(username)
    return profile.look + (not profile.failures) if profile else 1


def _buy(
    session: CollectionSession,
    writer: LandingWriter,
    tally: Tally,
    patience: FailureLimit,
    day: date,
    profile: _Profile,
) -> None:
    """Land a profile; where the server fails on this creator alone, that is remembered instead."""
    session.yield_to_daily_run()
    with tally.walk() as walk:
        page = _look_up(session, patience, day, profile)
        session.land(
            writer, subject_envelope(page, Dataset.USERS, day, profile.username, profile.look), f"users of {day}"
        )
        walk.count(page)


def _look_up(session: CollectionSession, patience: FailureLimit, day: date, profile: _Profile) -> Page:
    try:
        page = session.api_for(Dataset.USERS, day=day).user_info(profile.username)
    except ApiError as error:
        patience.failure(error)
        return unavailable(error, "user_info", session.clock.now())
    patience.success()
    return page


def state_users(held: Holdings, day: date) -> DayReport:
    """What is held of a day, now."""
    creators, missing, failed = (
        len(names) for names in (held.people.named(day), held.people.missing(day), held.people.failed(day))
    )
    return day_report(
        day,
        missing=missing,
        failed=failed,
        unfinished_search=held.unfinished_search(day),
        rows=len(held.people.shown(day)),
        is_wanted=held.study.users.wanted,
        facts={"creators": creators, "creators_without_profile": missing, "creators_failed": failed},
    )
