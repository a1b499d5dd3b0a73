"""The arithmetic of samples, replies, mentioned accounts and lists, by hand."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.landing import LandingZone, window_load_id
from tt_pipeline.planning import CostLine, CostPart, Estimate, assumed, calibrated, plan
from tt_pipeline.planning.assumptions import PAGES_OF_A_LIST, REPLIES
from tt_pipeline.planning.comments import Replies, SizeClass, calibrated_sample_requests, expected_of_sample
from tt_pipeline.planning.lists import KnownList, KnownLists, list_lines
from tt_pipeline.planning.people import AssumedPeople
from tt_pipeline.studies import AccountRules, CommentRules, CommentSample, Sample, Study, TopCreators, UserRules
from tt_pipeline.vocabulary import AccountList, Bucket, ConditionField, Username
from tt_pipeline_tests.builders import envelope, video
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

TODAY = date(2026, 11, 20)
ALICE, BOB = Username("alice"), Username("bob")
TWO_EACH = CommentRules(wanted=True, sample=CommentSample(per_stratum=2))


def test_two_are_drawn_of_each_day() -> None:
    """15 videos a day with 150 comments each: two of them, two pages each, on ten days."""
    # of about 15 videos that a day has in its only class, fewer than two turn up once in 10,000 days
    assert likely_requests(study(comments=TWO_EACH), make_evidence())[CostPart.COMMENTS] == round(1.01 * 10 * 2 * 2)


def test_days_with_few_videos_have_fewer_drawn() -> None:
    """With one video a day on the average, 37 % of the days have none and 37 % have one."""
    drawn_a_day = 2 - 2 * math.exp(-1) - math.exp(-1)

    assert expected_of_sample(4, [SizeClass(0.25, 3)], 2) == pytest.approx(drawn_a_day * 3)
    assert expected_of_sample(4_000, [SizeClass(0.25, 3)], 2) == 6
    assert expected_of_sample(4_000, [SizeClass(0.25, 3)], 5_000) == 3_000


def test_drawn_videos_among_the_found_are_counted() -> None:
    """The two smallest numbers of a size class are drawn, one of them is complete; another class has one video."""
    seen = {search().fingerprint: dict.fromkeys(days_between(FIRST, date(2026, 10, 10)), 20)}
    videos = make_videos(
        {
            "day": [FIRST] * 4,
            "comment_count": [150, 250, 950, 1_500],
            "pages_landed": [0] * 4,
            "is_whole": [True, False, False, False],
        }
    )

    made = likely_requests(study(comments=TWO_EACH), make_evidence(seen=seen, videos=videos))

    assert made[CostPart.COMMENTS] == round(1.01 * (3 + 10))


def test_days_to_come_need_what_collected_days_needed() -> None:
    """Four collected days needed 4 to 8 pages: six a day, with the error of four days and of those to come."""
    a_day = calibrated_sample_requests([4, 6, 6, 8], 100)

    usual = 6 + (0.4 * 6) ** 2
    error = 1.64 * math.sqrt((8 + 3 * usual) / 6) / 6 * math.sqrt(1 / 4 + 1 / 100)
    assert [a_day.low, a_day.likely, a_day.high] == pytest.approx([6 / (1 + error), 6, 6 * (1 + error)])


def test_replies_cost_a_share_of_the_comments_until_they_have_landed() -> None:
    """0.3 requests for each of 300; once 970 requests for comments needed 200, the ratio is 209 in 1,000."""
    with_replies = study(comments=CommentRules(wanted=True, replies=True))

    assert likely_requests(with_replies, make_evidence())[CostPart.REPLIES] == round(1.01 * 300 * 0.3)
    assert Replies().per_comment_request(300) == REPLIES
    measured = Replies(listed=970, requests=200).per_comment_request(300)
    assert measured.likely == pytest.approx((200 + 30 * 0.3) / 1_000)
    assert measured.low < measured.likely < measured.high < REPLIES.high


def test_missing_replies_of_complete_comments_are_counted() -> None:
    """Two videos have complete comments of three pages; one of them lacks its replies."""
    seen = {search().fingerprint: dict.fromkeys(days_between(FIRST, date(2026, 10, 10)), 20)}
    videos = make_videos(
        {
            "day": [FIRST] * 2,
            "comment_count": [300, 300],
            "pages_landed": [0, 0],
            "is_whole": [True, True],
            "has_replies": [True, False],
        }
    )
    made = likely_requests(
        study(comments=CommentRules(wanted=True, replies=True)),
        make_evidence(seen=seen, videos=videos, replies=Replies(listed=70, requests=91)),
    )

    # (91 + 30 * 0.3) / (70 + 30) listings for each request
    assert (made[CostPart.COMMENTS], made[CostPart.REPLIES]) == (0, round(1.01 * 3 * 1.0))


def test_mentioned_accounts_are_counted_besides_creators() -> None:
    """300 videos mention 30 more accounts, however few accounts are searched for."""
    made = likely_requests(study(users=UserRules(wanted=True, mentioned=True)), make_evidence())

    assert (made[CostPart.USERS], made[CostPart.MENTIONED]) == (round(1.01 * 180), round(1.01 * 30))
    assert AssumedPeople(accounts=3, with_mentioned=True).distinct(Estimate.exactly(300)).likely == 3 + 30


def observing(*lists: AccountList, **override: object) -> Study:
    """A study of two accounts until 30 November."""
    fields = {"usernames": (ALICE, BOB), "top_creators": None, "lists": lists, "every_days": 5}
    rules = AccountRules(**fields | override)  # type: ignore[arg-type]  # fields are what they are
    return study(last_day=date(2026, 11, 30), accounts=rules)


def lines(of: Study, known: KnownLists | None = None, *, last_day: date = date(2026, 11, 30)) -> list[CostLine]:
    """What lists cost from 20 November on; a search for top creators finds 30 creators."""
    return list_lines(of, known or KnownLists(), Estimate.exactly(30), today=TODAY, last_day=last_day)


def test_lists_cost_their_observations_in_their_own_quota() -> None:
    """Two accounts on 20, 25 and 30 November: six pinned lists, and six of followers with 15 pages from their own."""
    pinned, followers = lines(observing(AccountList.PINNED, AccountList.FOLLOWERS))

    assert (pinned.bucket, pinned.total.likely, pinned.total.high) == (Bucket.MAIN, 6, 6)
    assert (followers.bucket, followers.total.likely) == (Bucket.SOCIAL, 6 * 15)
    assert followers.total.high == pytest.approx(6 * 51)
    assert pinned.per_day.likely == pytest.approx(2 / 5)
    assert sum(line.total.likely for line in lines(observing(AccountList.PINNED), last_day=date(2026, 11, 1))) == 2


def test_a_cap_limits_lists_and_a_search_limits_top_creators() -> None:
    """300 records are four pages at most; of 100 top creators a search that finds 30 has 30."""
    (capped,) = lines(observing(AccountList.FOLLOWERS, max_per_list=300))
    (top,) = lines(observing(AccountList.PINNED, top_creators=TopCreators(search="climate", most=100)))

    assert capped.total.high == pytest.approx(6 * 4)
    assert top.total.likely == 3 * 32


def test_observed_lists_cost_what_they_cost_before() -> None:
    """Alice's 12 pages are due twice, Bob's refusal not before the study ends, the rest of a begun list now."""
    known_lists = [
        KnownList(next_on=date(2026, 11, 22), every_days=5, pages=12),
        KnownList(next_on=date(2027, 2, 1), every_days=90, pages=1),
        KnownList(next_on=TODAY, every_days=90, pages=10, begun=4),
    ]
    observed = KnownLists(accounts=2, lists={AccountList.FOLLOWERS: known_lists})

    (followers,) = lines(observing(AccountList.FOLLOWERS), observed)

    assert followers.total.likely == 2 * 12 + 6
    assert followers.total.high == pytest.approx(2 * 12 * 1.15 + 10 * 1.15 - 4)
    assert PAGES_OF_A_LIST.keys() == set(AccountList)


def test_a_few_observed_lists_cost_their_own_pages_a_day() -> None:
    """Two lists of one page, of which one is refused, cost less than the 15 pages that are assumed of unknown lists."""
    known_lists = [
        KnownList(next_on=date(2026, 11, 22), every_days=5, pages=1),
        KnownList(next_on=date(2027, 2, 1), every_days=90, pages=1),
    ]
    observed = KnownLists(accounts=2, lists={AccountList.FOLLOWERS: known_lists})

    (followers,) = lines(observing(AccountList.FOLLOWERS), observed)

    assert followers.per_day.likely == pytest.approx(1 / 5 + 1 / 90)
    assert followers.per_day.high == pytest.approx(1.15 / 5 + 1.15 / 90)


def test_the_two_quotas_are_kept_apart() -> None:
    """Followers are not part of the sum that has to fit into 1,000 a day."""
    both, main = observing(AccountList.PINNED, AccountList.FOLLOWERS), observing(AccountList.PINNED)

    made, without = plan(both, make_evidence(), NOW), plan(main, make_evidence(), NOW)

    assert made.total == without.total
    assert without.social is None
    assert made.social is not None
    assert (made.social.requests_per_day, made.social.total.likely) == (20_000, round(1.01 * 90))


def test_a_study_that_does_not_fit_gets_the_largest_sample_that_does() -> None:
    """A smaller quota gets a smaller sample; a study that fits gets none."""
    made, evidence = worked_example()

    def samples(requests_per_day: int) -> list[tuple[str, bool]]:
        of = replace(made, quota=replace(made.quota, requests_per_day=requests_per_day))
        return [(s.change, s.fits) for s in plan(of, evidence, NOW).settings if s.is_drawn]

    (large,) = samples(1_000)
    (small,) = samples(400)
    assert large[0].startswith("comments.sample: per_stratum ")
    assert int(large[0].split()[-1]) > int(small[0].split()[-1])
    assert large[1]
    assert samples(5_000) == []


def test_a_sample_keeps_its_share_of_the_comments() -> None:
    """15 of 30 videos a day have comments, all equally many: two of 15 keep 13.3 %; there is no yield curve."""
    made = plan(study(comments=TWO_EACH), make_evidence(), NOW)

    assert made.settings[0].comments_kept == pytest.approx(2 / 15, abs=1e-4)
    assert made.curve == ()


def test_everything_is_counted() -> None:
    """No assumption names an omission: samples, replies, lists and checks of what is stored are counted."""
    everything = replace(
        observing(AccountList.FOLLOWERS),
        comments=CommentRules(wanted=True, replies=True, sample=CommentSample(per_stratum=2)),
    )
    made = plan(everything, assumed(everything, NOW), datetime(2026, 11, 20, 12, tzinfo=UTC))

    assert [each for each in made.assumptions if "not counted" in each or "left out" in each] == []
    assert set(CostPart) - {line.part for line in made.lines} == {CostPart.MENTIONED}


@pytest.mark.parametrize(("looks_at", "most"), [((20,), 2), ((5, 20), 4)])
def test_lowered_draws_find_no_more_than_the_present_sample(
    tmp_path: Path, looks_at: tuple[int, ...], most: int
) -> None:
    """Two draws of two videos have landed for each look, and the study now wants one draw: two videos for each look."""
    once = replace(search(), sample=Sample(random=2))
    window: dict[str, Any] = {"fingerprint": once.fingerprint, "window_from": FIRST, "window_to": FIRST}
    with LandingZone(tmp_path / "landing") as zone:
        for number, age in enumerate(sorted(looks_at * 2)):
            drawn = (video(2 * number + 1, day=FIRST), video(2 * number + 2, day=FIRST))
            at = datetime(2026, 10, 1 + age, 6, tzinfo=UTC)
            with zone.writing(window_load_id("climate", once.fingerprint, (FIRST, FIRST), number + 1)) as writer:
                writer.append(envelope(*drawn, **window, fetched_at=at, look=number + 1))
        known_from = calibrated(StudyCoverage(study(once), zone.index, NOW))

    rate = known_from.rates[once.fingerprint]
    assert (rate.videos.likely, rate.over(9).likely, rate.over(9).high <= 4) == (most, most, True)
    assert known_from.videos.height == 4 * len(looks_at)


def test_settings_that_keep_a_sample_are_marked() -> None:
    """In a study with a sample all settings with comments are marked; in one without, only the sample is."""
    drawn, listed = plan(study(comments=TWO_EACH), make_evidence(), NOW), plan(*worked_example(), NOW)

    assert {s.change: s.keeps_a_sample for s in drawn.settings if "false" in s.change or not s.change} == {
        "": True,
        "users: false": True,
        "comments: false": False,
    }
    assert [s.keeps_a_sample for s in listed.settings] == [s.is_drawn for s in listed.settings]


def test_a_sample_limits_the_videos_of_each_look() -> None:
    """Of a million videos a day three draws of ten find thirty at each of two looks; the assumptions say so."""
    everything = search("all", query=query_for(ConditionField.REGION_CODE, "DE"), sample=Sample(random=10, draws=3))
    made = plan(study(everything), assumed(study(everything), NOW), NOW)

    assert made.searches[0].videos_per_day == Estimate.exactly(60)
    assert "all: at most 30 videos of a day at a look, others at each of 2." in made.assumptions
