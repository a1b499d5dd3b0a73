"""Which looks are still to be requested, and what an edit of the study costs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.coverage.windows import Window, days_between
from tt_pipeline.landing import LandingZone, window_load_id
from tt_pipeline.planning import CostPart, Edit, Estimate, calibrated, edits, plan
from tt_pipeline.planning.searches import RemainingLooks, planned_days, remaining_looks
from tt_pipeline.studies import CommentRules, Sample, Search
from tt_pipeline.vocabulary import ConditionField
from tt_pipeline_tests.builders import envelope, video
from tt_pipeline_tests.planning.builders import FIRST, NOW, query_for, search, study

LOOKS = (3, 12)
DUE_ANYWAY = {CostPart.AGAIN, CostPart.CHECKS}


def one_day(
    *, is_seen: bool = False, first: bool = False, again: bool = False, ahead: tuple[int, int] = (0, 0)
) -> RemainingLooks:
    """The remaining looks of one day: `ahead` is the number of first and of later looks at a later date."""
    day = (FIRST,)
    return RemainingLooks(
        days=day,
        unseen=() if is_seen else day,
        due_first=day if first else (),
        due_again=day if again else (),
        ahead_first=ahead[0],
        ahead_again=ahead[1],
    )


@pytest.mark.parametrize(
    ("now", "seen", "expected"),
    [
        ("2026-10-01", {}, one_day(ahead=(1, 1))),
        ("2026-10-04", {}, one_day(first=True, ahead=(0, 1))),
        ("2026-11-20", {}, one_day(first=True)),
        ("2026-10-04", {FIRST: 3}, one_day(is_seen=True, ahead=(0, 1))),
        ("2026-10-13", {FIRST: 3}, one_day(is_seen=True, again=True)),
        ("2026-10-13", {FIRST: 12}, one_day(is_seen=True)),
    ],
)
def test_each_look_is_requested_once_now_or_later(now: str, seen: dict[date, int], expected: RemainingLooks) -> None:
    """A day older than every age needs one look, a younger one also the later looks."""
    at = datetime.fromisoformat(f"{now}T12:00:00+00:00")

    assert remaining_looks(search(), Window(first_day=FIRST, last_day=FIRST), seen, now=at, looks=LOOKS) == expected


@pytest.mark.parametrize(
    ("first_day", "last_day", "planned_until"),
    [
        (FIRST, date(2026, 12, 31), date(2026, 12, 31)),
        (FIRST, None, date(2026, 11, 19)),
        (date(2026, 11, 10), None, date(2026, 12, 9)),
        (date(2027, 1, 1), None, date(2027, 1, 30)),
    ],
)
def test_a_study_without_an_end_is_planned_for_a_month_at_least(
    first_day: date, last_day: date | None, planned_until: date
) -> None:
    """Until yesterday, or for its first 30 days."""
    assert planned_days(study(first_day=first_day, last_day=last_day), NOW).last_day == planned_until


@pytest.fixture
def zone(tmp_path: Path) -> LandingZone:
    """Three October days of `climate`, and one of a search called `old`."""
    zone = LandingZone(tmp_path / "landing")
    for name, first_day, last_day in (("climate", FIRST, date(2026, 10, 3)), ("old", FIRST, FIRST)):
        fingerprint = search(name).fingerprint
        page = envelope(
            video(1), search=name, fingerprint=fingerprint, window_from=first_day, window_to=last_day, slots=240
        )
        with zone.writing(window_load_id(name, fingerprint, (first_day, last_day), 1)) as writer:
            writer.append(page)
    return zone


@pytest.mark.parametrize(
    ("searches", "expected"),
    [
        ((search("climate"), search("old")), []),
        ((search("climate", "another word"), search("old")), [("climate", (3, 3, True))]),
        ((search("climate"), search("new", "old")), [("new", "old")]),
        ((search("climate"),), [("old", 1)]),
    ],
)
def test_an_edit_has_a_price(zone: LandingZone, searches: tuple[Search, ...], expected: list[object]) -> None:
    """A new query costs its days again, and an unknown number of videos; a new name costs nothing."""

    def price(edit: Edit) -> object:
        repeat = edit.repeat
        return (
            (len(repeat.days), repeat.requests, repeat.most > 1_000) if repeat else edit.earlier_name or edit.days_kept
        )

    with zone:
        found = edits(StudyCoverage(study(*searches), zone.index, NOW))

    assert [(edit.search, price(edit)) for edit in found] == expected


def landed(zone: LandingZone, edited: Search, days: Sequence[date], videos: int) -> None:
    """Let a query find this number of videos on each day; every day is a window."""
    for day in days:
        with zone.writing(window_load_id(edited.name, edited.fingerprint, (day, day), 1)) as writer:
            writer.append(
                envelope(
                    *(video(number, day=day) for number in range(videos)),
                    search=edited.name,
                    fingerprint=edited.fingerprint,
                    window_from=day,
                    window_to=day,
                    slots=videos,
                )
            )


DAYS = days_between(FIRST, date(2026, 10, 3))
EDITED = search("climate", "climate", "another word")


def test_an_edit_costs_at_most_what_the_plan_assumes_at_most(tmp_path: Path) -> None:
    """The upper price of an edit that can find more videos is the high value of the plan, comments included."""
    edited_study = study(EDITED, last_day=DAYS[-1], comments=CommentRules(wanted=True, replies=True))
    with LandingZone(tmp_path / "landing") as zone:
        landed(zone, search("climate"), DAYS, videos=2)
        coverage = StudyCoverage(edited_study, zone.index, NOW)
        (edit,) = edits(coverage)
        planned = plan(edited_study, calibrated(coverage), NOW)

    assert edit.repeat
    assert (edit.repeat.most_videos, edit.repeat.is_measured) == (2 * 300 * len(DAYS), False)
    assert edit.repeat.most == sum(line.total.high for line in planned.lines if line.part not in DUE_ANYWAY)
    assert planned.searches[0].videos_per_day == Estimate(1, 20, 600)


def test_an_edit_costs_at_most_no_less_than_before(tmp_path: Path) -> None:
    """An account posts at most two videos a day as assumed; if the earlier query found 40, the price is of these."""
    query = query_for(ConditionField.USERNAME, "somebody")
    edited = replace(EDITED, query=query, fingerprint=query.fingerprint())
    with LandingZone(tmp_path / "landing") as zone:
        landed(zone, search("climate"), DAYS, videos=40)
        coverage = StudyCoverage(study(edited, last_day=DAYS[-1]), zone.index, NOW)
        (edit,) = edits(coverage)
        rate = calibrated(coverage).rates[edited.fingerprint]

    assert edit.repeat
    assert edit.repeat.most_videos == 40 * len(DAYS)
    assert rate.videos == Estimate(20, 40, 80)


def test_an_edit_is_measured_as_soon_as_a_day_has_landed(tmp_path: Path) -> None:
    """The other days then cost what such a day costs, and the price no longer says that the number is not known."""
    with LandingZone(tmp_path / "landing") as zone:
        landed(zone, search("climate"), DAYS, videos=2)
        landed(zone, EDITED, DAYS[:1], videos=4)
        (edit,) = edits(StudyCoverage(study(EDITED), zone.index, NOW))

    assert edit.repeat
    assert (edit.repeat.days, edit.repeat.is_measured) == (tuple(DAYS[1:]), True)
    assert edit.repeat.most_videos is not None
    assert edit.repeat.most_videos < 50


@pytest.mark.parametrize(
    ("edited", "requests"),
    [
        (search("climate", "another word"), 1),
        (search("climate", "another word", max_videos_per_day=50), 3),
        (search("climate", "another word", sample=Sample(random=20, draws=2)), 6),
        (
            search(
                "climate",
                "ids",
                parts=(search("climate", "a", is_id_list=True), search("climate", "b", is_id_list=True)),
            ),
            2,
        ),
    ],
)
def test_an_edit_costs_what_the_present_search_requests(tmp_path: Path, edited: Search, requests: int) -> None:
    """Three quiet days: a cap requests each alone, a sample draws each twice, each part of a list is one request."""
    older = search("climate", max_videos_per_day=50)
    days = days_between(FIRST, date(2026, 10, 3))
    of_day = {"search": "climate", "fingerprint": older.fingerprint}
    with LandingZone(tmp_path / "landing") as zone:
        for day in days:
            load_id = window_load_id("climate", older.fingerprint, (day, day), 1)
            with zone.writing(load_id) as writer:
                writer.append(envelope(video(day=day), **of_day, window_from=day, window_to=day, slots=20))

        (edit,) = edits(StudyCoverage(study(edited), zone.index, NOW))

    assert edit.repeat
    assert (len(edit.repeat.days), edit.repeat.requests) == (3, requests)
