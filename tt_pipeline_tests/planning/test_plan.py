"""The arithmetic of the plan, by hand."""

import cProfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.planning import CostPart, Estimate, assumed, assumptions, plan
from tt_pipeline.planning.assumptions import comment_models, videos_a_day
from tt_pipeline.planning.comments import CommentCounts
from tt_pipeline.planning.estimate import half_correlated_total
from tt_pipeline.planning.people import AssumedPeople, CalibratedPeople
from tt_pipeline.query import Query
from tt_pipeline.studies import CommentRules, QuotaRules, Sample, UserRules
from tt_pipeline.vocabulary import ConditionField, ProfileProof
from tt_pipeline_tests.planning.builders import (
    FIRST,
    NOW,
    likely_requests,
    make_evidence,
    make_videos,
    query_for,
    search,
    study,
    worked_example,
)


def test_due_days_are_requested_together() -> None:
    """300 videos on ten old days are three pages in one window, 150 listings of two pages, and 180 creators."""
    # each with 1 % of failures: 3.03, 303, 181.8
    assert likely_requests(study(), make_evidence()) == {
        CostPart.SEARCHES: 3,
        CostPart.COMMENTS: 303,
        CostPart.USERS: 182,
        CostPart.AGAIN: 0,
        CostPart.CHECKS: 0,
    }


def test_later_days_are_requested_one_by_one_at_every_look() -> None:
    """Before the study begins, each of its ten days costs a page at 3 and one at 12 days."""
    before = datetime(2026, 9, 1, tzinfo=UTC)

    found = likely_requests(study(), make_evidence(), before)

    assert (found[CostPart.SEARCHES], found[CostPart.AGAIN]) == (10, 10)


@pytest.mark.parametrize(
    ("change", "part", "requests"),
    [
        ({"comments": CommentRules(wanted=False)}, CostPart.COMMENTS, 0),
        ({"comments": CommentRules(wanted=True, min_comments=151)}, CostPart.COMMENTS, 0),
        ({"comments": CommentRules(wanted=True, max_per_video=100)}, CostPart.COMMENTS, 152),
        ({"users": UserRules(wanted=False)}, CostPart.USERS, 0),
    ],
)
def test_settings_change_the_cost_of_their_part(change: dict[str, object], part: CostPart, requests: int) -> None:
    """A part that is switched off costs nothing; a cap costs the pages below it."""
    assert likely_requests(study(**change), make_evidence())[part] == requests


def test_a_sample_costs_its_draws_and_a_cap_its_pages() -> None:
    """Three draws of ten days are 30 requests; at most 100 of 300 videos a day are ten."""
    drawn = search("climate", sample=Sample(random=100, draws=3))
    capped = search("climate", max_videos_per_day=100)

    assert likely_requests(study(drawn), make_evidence())[CostPart.SEARCHES] == 30
    assert likely_requests(study(capped), make_evidence(videos_a_day=300))[CostPart.SEARCHES] == 10


def test_missing_comments_of_found_videos_are_counted_video_by_video() -> None:
    """Two days are collected, eight are estimated; of the found videos one is complete, one begun, one empty."""
    seen = dict.fromkeys(days_between(FIRST, date(2026, 10, 2)), 20)
    videos = make_videos(
        {
            "day": [FIRST] * 4,
            "comment_count": [500, 1_500, 250, 0],
            "pages_landed": [0, 0, 1, 0],
            "is_whole": [True, False, False, False],
        }
    )
    evidence = make_evidence(seen={search().fingerprint: seen}, videos=videos)

    # 8 days × 30 videos × 1 request a video, 10 pages for the one of 1,500, 2 more for the one of 250
    assert likely_requests(study(), evidence)[CostPart.COMMENTS] == round(1.01 * (240 + 10 + 2))


def test_the_worked_example() -> None:
    """17 requests a day for searches, 1,160 for comments, 261 for users, 104 for checks: 1,545, which is too many."""
    made = plan(*worked_example(), NOW)

    a_day = {line.part: line.per_day.likely for line in made.lines if line.per_day.likely}
    expected = {CostPart.SEARCHES: 17, CostPart.COMMENTS: 1_160, CostPart.USERS: 261, CostPart.CHECKS: 104}
    assert a_day == pytest.approx(expected, rel=0.06)
    assert made.per_day.likely == pytest.approx(1_545, rel=0.02)
    assert not made.settings[0].fits


def test_strict_checks_of_profiles_have_a_price() -> None:
    """900 stored profiles are requested again after three quarters of fifteen days: 80 a day, at most a tenth."""
    evidence = make_evidence(stored=(900, 0, 900))
    lenient, strict = (
        next(
            line
            for line in plan(study(users=UserRules(wanted=True, verify=proof)), evidence, NOW).lines
            if line.part is CostPart.CHECKS
        ).per_day
        for proof in ProfileProof
    )
    assert strict.likely - lenient.likely >= 80
    assert strict.high - lenient.high <= 100 * assumptions.FAILURES.high


@pytest.mark.parametrize(
    ("least", "a_day", "kept", "fits"), [(5, 1_086, 0.978, False), (10, 929, 0.952, True), (20, 790, 0.903, True)]
)
def test_cheaper_settings_cost_less_and_keep_a_share(least: int, a_day: float, kept: float, fits: bool) -> None:  # noqa: FBT001
    """min_comments 10 needs 929 requests a day and keeps 95.2 % of the comments."""
    setting = next(s for s in plan(*worked_example(), NOW).settings if s.change == f"min_comments {least}")

    assert setting.per_day.likely == pytest.approx(a_day, rel=0.02)
    assert setting.comments_kept == pytest.approx(kept, abs=0.002)
    assert setting.fits is fits


def test_settings_that_fit_and_keep_most_come_first() -> None:
    """They follow the present study; settings that do not fit are last."""
    as_is, *others = plan(*worked_example(), NOW).settings

    fits = [setting.fits for setting in others]
    kept = [setting.comments_kept for setting in others if setting.fits]
    assert as_is.change == ""
    assert fits == sorted(fits, reverse=True)
    assert kept == sorted(kept, reverse=True)


def test_more_days_request_the_most_commented_videos_first() -> None:
    """Eleven requests a day: the first day's go to the video with 1,000 comments, whose listing takes ten."""
    videos = make_videos(
        {"day": [FIRST] * 3, "comment_count": [1_000, 300, 100], "pages_landed": [0] * 3, "is_whole": [False] * 3}
    )
    seen = {search().fingerprint: dict.fromkeys(days_between(FIRST, date(2026, 10, 10)), 20)}
    made = study(quota=QuotaRules(requests_per_day=11), users=UserRules(wanted=False))

    curve = plan(made, make_evidence(seen=seen, videos=videos), NOW).curve

    # 10.1 requests for the first, 0.9 of the 3.03 for the second
    first_day = (1_000 + 300 * 0.9 / 3.03) / 1_400
    assert [(p.days, p.share, p.min_comments) for p in curve] == [(1, pytest.approx(first_day), 1_000), (2, 1, 1)]


def test_the_model_of_comments() -> None:
    """A quarter has none; a video of the others costs 1.21 requests."""
    _, counts, _ = comment_models()
    mean = CommentCounts(fewer=counts, likely=counts, more=counts).requests_a_video(CommentRules(wanted=True), 1)

    assert counts["weight"].sum() == pytest.approx(1)
    assert counts.filter(pl.col("comment_count") == 0)["weight"].item() == 0.25
    assert mean.likely == pytest.approx(0.91, abs=0.01)


@pytest.mark.parametrize(
    ("query", "videos"),
    [
        (query_for(ConditionField.KEYWORD, "a", "b"), 20),
        (query_for(ConditionField.USERNAME, "a", "b"), 0.3),
        (query_for(ConditionField.VIDEO_ID, *map(str, range(1, 101))), 8.5),
        (query_for(ConditionField.REGION_CODE, "DE"), 50_000),
        (
            Query(
                any_of=query_for(ConditionField.KEYWORD, "a").all_of
                + query_for(ConditionField.HASHTAG_NAME, "b").all_of
            ),
            20,
        ),
        (
            Query(
                all_of=query_for(ConditionField.KEYWORD, "a").all_of + query_for(ConditionField.USERNAME, "b").all_of
            ),
            0.15,
        ),
    ],
)
def test_the_narrowest_condition_determines_the_number_of_videos(query: Query, videos: float) -> None:
    """Keywords add up; a keyword and an account find at most the videos of the account."""
    assert videos_a_day(query, 10).likely == pytest.approx(videos)


def test_known_creators_are_not_new() -> None:
    """Ten videos have six creators; ten further videos have at most ten new ones."""
    met = CalibratedPeople({1: 4, 3: 2})

    assert met.distinct(Estimate.exactly(10)).likely == 6
    assert met.distinct(Estimate.exactly(5)).likely == pytest.approx(4 * 0.5 + 2 * (1 - 0.5**3))
    new = met.new(Estimate.exactly(10))
    assert 0 <= new.low <= new.likely <= new.high <= 10
    assert CalibratedPeople({1: 4, 3: 2}, accounts=7).new(Estimate.exactly(100)).high == 1
    assert AssumedPeople(accounts=3).distinct(Estimate.exactly(100)) == Estimate(3, 3, 3)


def test_independent_errors_are_combined_as_independent() -> None:
    """Two factors of 2 make one of 2.67, not 4; a cautious sum adds errors, a half correlated one adds half of them."""
    doubled = Estimate(1, 2, 4)

    product = doubled * doubled
    assert (round(product.low, 2), product.likely, round(product.high, 2)) == (1.5, 4, 10.66)
    assert doubled + doubled == Estimate(2, 4, 8)
    assert half_correlated_total([doubled, doubled]).likely == 4
    assert 6.8 < half_correlated_total([doubled, doubled]).high < 8
    assert Estimate(0.2, 0.5, 3.2).rounded() == Estimate(0, 0, 4)


def test_two_hundred_thousand_videos_take_less_than_a_second() -> None:
    """CPU time of a whole plan with its settings and its curve."""
    days = days_between(FIRST, FIRST + timedelta(days=199))
    number = 200_000
    videos = make_videos(
        {
            "day": [days[n % 200] for n in range(number)],
            "comment_count": [n * n % 4_001 for n in range(number)],
            "pages_landed": [0] * number,
            "is_whole": [n % 3 == 0 for n in range(number)],
        }
    )
    evidence = replace(make_evidence(), videos=videos)
    before = time.process_time()

    plan(study(last_day=days[-1]), evidence, NOW)

    assert time.process_time() - before < 1


def test_a_plan_of_many_searches_takes_time_in_proportion() -> None:
    """Four times as many searches take less than six times as many function calls: no step compares all with all."""

    def calls(searches: int) -> int:
        named = (search(f"s{number}") for number in range(searches))
        study_of_many = study(*named, comments=CommentRules(wanted=False), quota=QuotaRules(requests_per_day=1))
        profile = cProfile.Profile(builtins=False)
        profile.runcall(plan, study_of_many, assumed(study_of_many, NOW), NOW)
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(160) < 6 * calls(40)
