"""One request shows what a search finds, and how much of it there is."""

from datetime import date

import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.ingestion.trial import try_search
from tt_pipeline.ingestion.windows import Window
from tt_pipeline.simulator import Knobs
from tt_pipeline_tests.ingestion.conftest import Lab, MakeLab


def test_a_trial_spends_one_request_and_keeps_nothing(lab: Lab) -> None:
    """It is in the ledger, and not in the landing zone."""
    with lab.desk() as desk:
        trial = try_search(desk, desk.study.searches[0])

        assert (desk.use().used, lab.sent(), desk.zone.index.files()) == (1, 1, [])
        assert trial.window == Window(first_day=date(2026, 11, 3), last_day=date(2026, 11, 17))
        assert trial.videos


@pytest.mark.parametrize("query", ["{hashtags: [climate, klima]}", "{min_views: 0}"])
def test_the_estimate_is_near_the_truth(make_lab: MakeLab, query: str) -> None:
    """For a search that fits a page and for one whose page shows half a day, evening included: within a half."""
    with make_lab(Knobs(hidden_run=0)) as lab:
        lab.study = lab.study.replace("{hashtags: [climate, klima]}", query)
        with lab.desk() as desk:
            search = desk.study.searches[0]
            trial = try_search(desk, search)
            days = trial.window.days
            truth = lab.simulator.truth_videos(search.query.body(), days[0], days[-1])

    assert trial.videos_per_day == pytest.approx(len(truth) / len(days), rel=0.5)


def test_a_search_without_old_days_costs_nothing(lab: Lab) -> None:
    """Before its first look is due there is nothing to find, and the message says why."""
    lab.study = lab.study.replace("start: 2026-11-03", "start: 2026-11-19")
    with lab.desk() as desk, pytest.raises(UsageError, match="up to two days late"):
        try_search(desk, desk.study.searches[0])
    assert lab.sent() == 0
