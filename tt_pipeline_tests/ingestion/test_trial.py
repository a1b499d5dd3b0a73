"""One request shows what a search finds, and how much of it there is."""

from dataclasses import replace
from datetime import date

import pytest

from tt_pipeline.cli.try_output import plan_command, trial_sentence
from tt_pipeline.coverage.windows import Window
from tt_pipeline.errors import UsageError
from tt_pipeline.ingestion.trial import Trial, try_search
from tt_pipeline.planning import SearchPrice, search_price
from tt_pipeline.simulator import Knobs
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.collection_lab import Lab, MakeLab


def test_a_trial_spends_one_request_and_keeps_nothing(lab: Lab) -> None:
    """The request is in the ledger, and no page lands."""
    with lab.session() as session:
        trial = try_search(session, session.study.searches[0])

        assert (session.use().used, lab.sent(), session.zone.index.files()) == (1, 1, [])
        assert trial.window == Window(first_day=date(2026, 11, 3), last_day=date(2026, 11, 17))
        assert trial.videos


def test_a_trial_is_charged_to_no_search_and_explains_no_landed_page(lab: Lab) -> None:
    """Its answer is not stored: after a loss of the ledger, a landed page of the day still counts again."""
    with lab.session() as session:
        try_search(session, session.study.searches[0])
        columns, rows = session.ledger.rows()
        zone, study = session.zone.identity, session.study.title
        counted_again = session.ledger.count_again(study, zone, {Bucket.MAIN: {"videos": 1}})

    assert [dict(zip(columns, row, strict=True))["search"] for row in rows] == [None]
    assert counted_again == 1


@pytest.mark.parametrize("query", ["{hashtags: [climate, klima]}", "{min_views: 0}"])
def test_the_estimate_is_near_the_truth(make_lab: MakeLab, query: str) -> None:
    """The error is at most a half, for a search of one page and for one whose page shows half a day."""
    with make_lab(Knobs(hidden_run=0)) as lab:
        lab.study = lab.study.replace("{hashtags: [climate, klima]}", query)
        with lab.session() as session:
            search = session.study.searches[0]
            trial = try_search(session, search)
            days = trial.window.days
            truth = lab.simulator.truth_videos(search.query.body(), days[0], days[-1])

    assert trial.videos_per_day == pytest.approx(len(truth) / len(days), rel=0.5)


@pytest.mark.parametrize(
    ("query", "a_month", "at_once"),
    [
        ("{min_views: 1, sample: {random: 20, draws: 2}}", 120, 60),
        ("{min_views: 1, max_videos_per_day: 100}", 60, 30),
        ("{min_views: 1, max_videos_per_day: 101}", 120, 60),
        ("{hashtags: [climate, klima]}", 60, None),
    ],
)
def test_a_month_costs_what_the_daily_schedule_sends(lab: Lab, query: str, a_month: int, at_once: int | None) -> None:
    """Each day, draw and look costs a request; past days of a listing are few requests together."""
    lab.study = lab.study.replace("{hashtags: [climate, klima]}", query)
    with lab.session() as session:
        search = session.study.searches[0]
        price = search_price(search, slots_per_day=try_search(session, search).slots_per_day, looks=2)

    assert price.requests_a_month == a_month
    assert price.requests_at_once == at_once if at_once else price.requests_at_once < 30


def test_a_list_of_ids_costs_a_request_for_each_part(lab: Lab) -> None:
    """The trial shows the latest part of 250 ids; all parts are three requests, for ids of any days."""
    videos = [video.id for day in (3, 4, 5) for video in lab.simulator.world.videos(date(2026, 11, day))][:250]
    lab.study = lab.study.replace("{hashtags: [climate, klima]}", f"{{video_ids: {videos}}}")
    with lab.session() as session:
        search = session.study.searches[0]
        trial = try_search(session, search)
        price = search_price(search, slots_per_day=trial.slots_per_day, looks=2)

    assert (price.requests_at_once, lab.sent()) == (3, 1)
    assert 25 <= len(trial.videos) <= 50
    assert "all ids are 3 requests at each of 2 looks" in trial_sentence(trial, price, search, 2)


def test_the_price_is_stated_by_the_month(lab: Lab) -> None:
    """The sentence has the number of videos, the cost of the schedule and the cost of past days."""
    trial = Trial(
        window=Window(first_day=date(2026, 11, 3), last_day=date(2026, 11, 17)),
        videos=(),
        videos_per_day=9.25,
        slots_per_day=10,
    )
    price = SearchPrice(requests_a_month=60, requests_at_once=3)
    with lab.session() as session:
        search = session.study.searches[0]
        text, command = trial_sentence(trial, price, search, 2), plan_command(trial, search)

    assert command == "tt plan --videos-per-day climate=9.2"
    assert plan_command(replace(trial, videos_per_day=23.0), search) == "tt plan --videos-per-day climate=23"
    assert text == (
        "About 9.2 videos a day, by the times in their ids. The daily schedule sends about 60 requests a month for the "
        "search (day by day, at each of 2 looks); 30 past days at once cost about 3."
    )


def test_a_search_without_old_days_costs_nothing(lab: Lab) -> None:
    """Before its first look is due there are no videos, and the message has the reason."""
    lab.study = lab.study.replace("start: 2026-11-03", "start: 2026-11-19")
    with lab.session() as session, pytest.raises(UsageError, match="up to two days late"):
        try_search(session, session.study.searches[0])
    assert lab.sent() == 0
