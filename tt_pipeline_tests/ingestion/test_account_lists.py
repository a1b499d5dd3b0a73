"""Lists of accounts are collected completely, once when they are due, from the right quota."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from tt_pipeline.coverage.due_work import due, needs_request
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.coverage.windows import Window, days_between
from tt_pipeline.errors import QuotaExhausted
from tt_pipeline.ingestion.account_lists import collect_list
from tt_pipeline.ingestion.ops_tables import ops_frames
from tt_pipeline.ingestion.report import CollectReport, DayReport
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import Envelope, Index, PageEntry, day_load_id
from tt_pipeline.simulator import Fault, FaultKind, Knobs
from tt_pipeline.simulator.people import Creator, Standing
from tt_pipeline.vocabulary import AccountList, Bucket, Dataset, StopReason
from tt_pipeline_tests.collection_lab import NOON, STUDY, Lab, MakeLab
from tt_pipeline_tests.ingestion.builders import rows
from tt_pipeline_tests.warehouse.builders import list_page, video

TODAY = NOON.date()
DAYS = days_between(date(2026, 11, 3), date(2026, 11, 8))
FOLLOWERS, FOLLOWING, PLAYLISTS = AccountList.FOLLOWERS, AccountList.FOLLOWING, AccountList.PLAYLISTS


def first(lab: Lab, is_suitable: Callable[[Creator], bool]) -> Creator:
    """An account of the simulator's world."""
    return next(creator for creator in lab.simulator.world.people.creators if is_suitable(creator))


def is_public(creator: Creator) -> bool:
    """Whether the API returns the account."""
    return creator.standing is Standing.PUBLIC


def observe(lab: Lab, *usernames: str, lists: str = "followers", **further: object) -> None:
    """Change the study so that it observes these accounts."""
    rules = "".join(f"  {key}: {value}\n" for key, value in further.items())
    names = f"  usernames: {list(usernames)}\n" if usernames else ""
    lab.study = f"{STUDY}accounts:\n  lists: [{lists}]\n{names}{rules}"


def collect(lab: Lab, account_list: AccountList = FOLLOWERS, **session: int) -> CollectReport:
    """Collect the lists that are due today."""
    with lab.session(**session) as opened:
        return collect_list(opened, account_list, [lab.clock.now().date()])


def lists_due(lab: Lab) -> list[tuple[str, str]]:
    """Asset and days of every list that is due now."""
    with lab.session() as session:
        return [(work.asset, f"{work.window}") for work in due(session.coverage()) if work.asset.startswith("social/")]


def midnight_before_the_first_page(lab: Lab, session: CollectionSession) -> CollectionSession:
    """A session whose clock passes midnight after its plan and before its first request for a list."""
    lab.clock.advance(seconds=12 * 3_600 - 1)
    return replace(session, is_daily_run_waiting=lambda: lab.clock.advance(seconds=2) is None)


def landed(lab: Lab, dataset: Dataset) -> list[Envelope]:
    """Every landed page of a list, in the order of landing."""
    with lab.session() as session:
        files = [file for file in session.zone.index.files() if file.dataset is dataset]
        return sorted((page for file in files for page in file.envelopes()), key=lambda page: page.fetched_at)


def coverage(lab: Lab) -> list[tuple[object, ...]]:
    """Rows of `ops.account_coverage` for lists: account, list, status, observations, records."""
    with lab.session() as session:
        frame = ops_frames(session)["ops.account_coverage"]
    return frame.filter(pl.col("list") != "profile").drop("last_asked_at").rows()


@pytest.fixture
def crowd(make_lab: MakeLab) -> Iterator[Lab]:
    """A simulator that shows the latest 4,000 followers."""
    with make_lab(Knobs(rate_per_minute=0, followers_cap=4_000)) as made:
        yield made


def popular(lab: Lab) -> Creator:
    """An account with more followers than can be reached."""
    return first(lab, lambda creator: is_public(creator) and creator.followers > 5_000)


@pytest.mark.slow
def test_four_thousand_followers_without_loss_or_loop(crowd: Lab) -> None:
    """Follows of one second may be on two pages; each is stored, and hardly a request is wasted."""
    creator = popular(crowd)
    truth = {follow.username for follow in crowd.simulator.world.followers(creator, 4_000)}
    observe(crowd, creator.username)
    report = collect(crowd)

    assert report.stopped_because is None
    assert {name for (name,) in rows(crowd, "select follower from core.follows")} == truth
    assert crowd.sent() in {40, 41}
    covered = rows(crowd, "select username, status, records_held from ops.account_coverage where list = 'followers'")
    assert covered == [(creator.username, "complete", 4_000)]
    assert (report.receipt.rows, len(truth)) == (4_000, 4_000)


@pytest.mark.parametrize("dataset", [Dataset.FOLLOWERS, Dataset.FOLLOWING, Dataset.LIKED])
def test_an_entry_of_two_pages_is_counted_once(lab: Lab, dataset: Dataset) -> None:
    """An entry may be on two adjacent pages; `records_held` counts it once."""
    entries = [video(1), video(2), video(3)] if dataset is Dataset.LIKED else ["jo", "kim", "ada"]
    today = {"window_from": TODAY, "window_to": TODAY, "fetched_at": NOON}
    first_page = list_page(dataset, "lena", *entries[:2], ends=None, **today)
    second_page = list_page(dataset, "lena", *entries[1:], request={"username": "lena", "cursor": 9}, **today)
    observe(lab, "lena", lists=dataset.value)
    with lab.session() as session, session.zone.writing(day_load_id(dataset, TODAY, "run"), packs=True) as writer:
        session.land(writer, first_page, "first")
        session.land(writer, second_page, "second")

    covered = rows(lab, "select list, status, records_held from ops.account_coverage where list != 'profile'")
    assert covered == [(dataset.value, "complete", 3)]


def test_the_main_bucket_is_left_alone(crowd: Lab) -> None:
    """Followers are collected with the main quota at 0, and ledger and server charge the same bucket."""
    observe(crowd, popular(crowd).username)
    report = collect(crowd, limit=0)

    with crowd.session() as session:
        used = {bucket: session.use(bucket).used for bucket in Bucket}
        charged = {row["bucket"] for row in ops_frames(session)["ops.requests"].iter_rows(named=True)}
    assert report.stopped_because is None
    assert used == {Bucket.MAIN: 0, Bucket.SOCIAL: report.receipt.requests}
    assert used == {bucket: crowd.simulator.charged(bucket) for bucket in Bucket}
    assert charged == {"social"}


def test_a_list_continues_at_its_page_after_the_quota(crowd: Lab) -> None:
    """A list that stopped after 15 pages continues the next day, for the day on which it began."""
    creator = popular(crowd)
    observe(crowd, creator.username)
    crowd.simulator.change_knobs(quota_social=15)
    paused = collect(crowd)
    status = coverage(crowd)
    crowd.clock.advance(days=1)
    crowd.simulator.change_knobs(quota_social=20_000)
    pieces = lists_due(crowd)
    with crowd.session() as session:
        complete = collect_list(session, FOLLOWERS, [TODAY])
        nothing = collect_list(session, FOLLOWERS, [TODAY + timedelta(days=1)])

    assert isinstance(paused.stopped_because, QuotaExhausted)
    assert [(day.status, day.has_final_status) for day in paused.days] == [("paused", False)]
    assert status == [(creator.username, "followers", "paused", 1, 1_500)]
    assert pieces == [("social/followers", "2026-11-20")]
    assert [(day.status, day.is_complete) for day in complete.days] == [("complete", True)]
    assert [day.status for day in nothing.days] == ["not_due"]
    assert complete.receipt.bought_twice == 0
    assert {(page.look, page.window_from) for page in landed(crowd, Dataset.FOLLOWERS)} == {(1, TODAY)}
    assert len(landed(crowd, Dataset.FOLLOWERS)) in {40, 41}


def test_a_begun_list_is_finished_after_the_study_names_others(crowd: Lab) -> None:
    """If the study changes during a pause, the unfinished list is due, reported and finished, not restarted."""
    before, now = popular(crowd).username, first(crowd, lambda creator: 5 < creator.followers < 90).username
    observe(crowd, before)
    crowd.simulator.change_knobs(quota_social=15)
    collect(crowd)
    observe(crowd, now, every_days=1)
    crowd.clock.advance(days=1)
    crowd.simulator.change_knobs(quota_social=20_000)
    paused, pieces = [row[:3] for row in coverage(crowd)], lists_due(crowd)
    with crowd.session() as session:
        report = collect_list(session, FOLLOWERS, [TODAY, TODAY + timedelta(days=1)], again_since=crowd.clock.now())
    crowd.clock.advance(days=1)

    assert paused == [(now, "followers", "never_asked"), (before, "followers", "paused")]
    assert pieces == [("social/followers", "2026-11-20..2026-11-21")]
    assert [(day.status, day.facts["accounts"]) for day in report.days] == [("complete", 1), ("complete", 1)]
    assert report.days[0].rows >= 4_000
    assert report.receipt.bought_twice == 0
    assert [row[:4] for row in coverage(crowd)] == [
        (now, "followers", "complete", 1),
        (before, "followers", "complete", 1),
    ]
    assert lists_due(crowd) == [("social/followers", "2026-11-22")]


def test_an_account_without_a_list_is_a_row_with_its_status(lab: Lab) -> None:
    """Not found, private and refused do not end a run, and are requested again after users.refused_days."""
    gone = {
        standing.value: first(lab, lambda creator: creator.standing is standing).username  # noqa: B023 — called at once
        for standing in (Standing.PRIVATE, Standing.REFUSED)
    }
    observe(lab, "nobody.has.this.name", *gone.values())
    report = collect(lab)
    sent = lab.sent()
    lab.clock.advance(days=89)
    collect(lab)
    early = lab.sent()
    lab.clock.advance(days=1)
    collect(lab)

    assert [(day.status, day.facts["lists_refused"]) for day in report.days] == [("complete", 3)]
    assert [(row[0], row[2]) for row in coverage(lab)] == [
        ("nobody.has.this.name", "not_found"),
        *((username, standing) for standing, username in gone.items()),
    ]
    assert (sent, early, lab.sent()) == (3, 3, 6)


def test_mentioned_accounts_have_a_row_with_their_status(lab: Lab) -> None:
    """If the study requests them, missing accounts are reported like creators."""
    lab.study += "users: {mentioned: true}\n"
    with lab.session() as session:
        for search in session.study.searches:
            collect_videos(session, search, DAYS)
        videos = [video for day in DAYS for video in session.coverage().landed.videos_by_day[day]]
        mentioned = {name for video in videos for name in video.mentions} - {video.username for video in videos}
        gone = min(mentioned)
        lab.simulator.delete(username=gone)
        collect_users(session, DAYS)
        frame = ops_frames(session)["ops.account_coverage"]

    assert {row[0]: row[1:5] for row in frame.rows() if row[0] in mentioned} == {
        **dict.fromkeys(mentioned, ("profile", "complete", 1, 1)),
        gone: ("profile", "not_found", 1, 0),
    }


def test_a_list_is_observed_again_after_its_days(lab: Lab) -> None:
    """A second run on the day sends nothing; after every_days there is one more observation of that day."""
    creator = first(lab, lambda creator: is_public(creator) and 5 < creator.followers < 90)
    observe(lab, creator.username, every_days=7)
    for days in (0, 0, 6, 1):
        lab.clock.advance(days=days, seconds=-60 if days == 1 else 0)  # a little earlier in the day than before
        collect(lab)

    pages = landed(lab, Dataset.FOLLOWERS)
    assert [(page.look, page.window_from) for page in pages] == [(1, TODAY), (2, TODAY + timedelta(days=7))]
    assert coverage(lab) == [(creator.username, "followers", "complete", 2, creator.followers)]


def test_an_observation_belongs_to_the_day_for_which_it_was_begun(lab: Lab) -> None:
    """If midnight passes before the first page, the day has its rows and the next one is requested when due."""
    creator = first(lab, lambda creator: is_public(creator) and 100 < creator.followers < 190)
    observe(lab, creator.username, every_days=1)

    with lab.session() as session:
        report = collect_list(midnight_before_the_first_page(lab, session), FOLLOWERS, [TODAY])
    pages = landed(lab, Dataset.FOLLOWERS)

    assert {page.fetched_at.date() for page in pages} == {TODAY + timedelta(days=1)}
    assert [(day.day, day.status, day.rows) for day in report.days] == [(TODAY, "complete", creator.followers)]
    assert lists_due(lab) == [("social/followers", "2026-11-21")]


def test_a_list_begun_before_midnight_is_finished_for_its_day(crowd: Lab) -> None:
    """If the quota ends after midnight, the day before is paused, and the next run continues it."""
    observe(crowd, popular(crowd).username)
    crowd.simulator.change_knobs(quota_social=15)

    with crowd.session() as session:
        paused = collect_list(midnight_before_the_first_page(crowd, session), FOLLOWERS, [TODAY])
    pieces = lists_due(crowd)
    crowd.clock.advance(days=1)
    crowd.simulator.change_knobs(quota_social=20_000)
    with crowd.session() as session:
        complete = collect_list(session, FOLLOWERS, [TODAY])

    assert [(day.status, day.rows) for day in paused.days] == [("paused", 1_500)]
    assert pieces == [("social/followers", "2026-11-20")]
    assert [(day.status, day.is_complete) for day in complete.days] == [("complete", True)]
    assert complete.receipt.bought_twice == 0


def test_again_observes_now_and_only_once(lab: Lab) -> None:
    """--again at one instant is one more observation, however often the command continues."""
    creator = first(lab, lambda creator: is_public(creator) and 5 < creator.followers < 90)
    observe(lab, creator.username)
    collect(lab)
    lab.clock.advance(seconds=60)
    since = lab.clock.now()
    for _ in range(2):
        with lab.session() as session:
            collect_list(session, FOLLOWERS, [TODAY], again_since=since)

    assert [page.look for page in landed(lab, Dataset.FOLLOWERS)] == [1, 2]


def test_a_passed_day_costs_nothing_and_has_a_status(lab: Lab) -> None:
    """A missed observation is final, so a backfill over the past ends."""
    observe(lab, popular(lab).username)
    with lab.session() as session:
        report = collect_list(session, FOLLOWERS, [TODAY - timedelta(days=1)])

    why = "a list shows the present alone: what was not observed on a day cannot be observed afterwards"
    assert lab.sent() == 0
    assert report.days == (
        DayReport(
            day=TODAY - timedelta(days=1),
            status="not_observed",
            has_final_status=True,
            is_complete=False,
            rows=0,
            facts={"why": why},
        ),
    )


def test_the_cap_of_the_study_ends_a_list(crowd: Lab) -> None:
    """After two pages with 200 records the account is capped, and the look is not compared with others."""
    creator = popular(crowd)
    observe(crowd, creator.username, max_per_list=150)
    collect(crowd)

    assert [page.ends for page in landed(crowd, Dataset.FOLLOWERS)] == [None, StopReason.LIST_CAP]
    assert coverage(crowd) == [(creator.username, "followers", "capped", 1, 200)]
    assert rows(crowd, "select is_complete, entries from marts.account_looks") == [(False, 200)]


def test_a_list_on_which_the_server_failed_is_requested_again_later(make_lab: MakeLab) -> None:
    """It is requested 1, then 2 days after its start; the other accounts are collected."""
    fault = Fault(kind=FaultKind.ERROR_500, endpoint="user_pinned_videos", always=True)
    with make_lab(Knobs(rate_per_minute=0, faults=(fault,))) as lab:
        names = [creator.username for creator in lab.simulator.world.people.creators if is_public(creator)][:2]
        observe(lab, *names, lists="pinned", every_days=30)
        days = []
        for day in range(5):
            lab.simulator.change_knobs(faults=(fault,) if day < 2 else ())
            report = collect(lab, AccountList.PINNED)
            days.append((report.days[0].status, report.days[0].facts.get("lists_failed", 0)))
            lab.clock.advance(days=1)

    assert days == [("failed", 2), ("failed", 2), ("not_due", 0), ("complete", 0), ("not_due", 0)]


def test_the_top_creators_of_a_search_are_observed(lab: Lab) -> None:
    """Those with the most found videos, by name if equal; before any video was found there are none."""
    observe(lab, "tagesschau", top_creators="{search: climate, most: 3}")
    with lab.session() as session:
        before = session.coverage().account_lists.usernames
        collect_videos(session, session.study.searches[0], DAYS)
        after = session.coverage().account_lists.usernames
    counted = rows(
        lab,
        "select username from core.search_hits join core.videos using (video_id) where search = 'climate'"
        " group by username order by count(distinct video_id) desc, username limit 3",
    )

    assert before == ["tagesschau"]
    assert after == ["tagesschau", *(name for (name,) in counted)]


class CountedIndex(Index):
    """An index that counts how often lists are read."""

    lists_read = 0

    def looks(self, dataset: Dataset, first_day: date = date.min, last_day: date = date.max) -> Iterator[PageEntry]:
        """Count the call, and read."""
        self.lists_read += dataset.value in list(AccountList)
        return super().looks(dataset, first_day, last_day)


def test_each_list_is_read_once_from_the_index(lab: Lab) -> None:
    """Computing what is due and what is missing on thirty days reads each of the six lists once."""
    observe(lab, "lena", lists="followers, pinned")
    a_month = Window(first_day=TODAY - timedelta(days=29), last_day=TODAY)
    with lab.session() as session:
        index = CountedIndex(session.files.landing / "index.sqlite")
        study_coverage = StudyCoverage(session.study, index, NOON)
        due(study_coverage)
        needs_request(study_coverage, ["social/followers", "social/pinned"], a_month)
        index.close()

    assert index.lists_read == len(AccountList)


@pytest.mark.slow
def test_playlists_are_those_of_found_videos(make_lab: MakeLab) -> None:
    """Each is requested by its id; an account without a known playlist costs nothing and has that status."""
    with make_lab(Knobs(rate_per_minute=0, missing_key_rates={"playlist_id": 0.5})) as lab:
        observe(lab, "tagesschau", lists="playlists", top_creators="{search: climate, most: 3}")
        with lab.session() as session:
            collect_videos(session, session.study.searches[0], DAYS)
            collect_list(session, PLAYLISTS, [TODAY])
            second = collect_list(session, PLAYLISTS, [TODAY])
            observed = set(session.coverage().account_lists.usernames)
        known = rows(
            lab, "select distinct playlist_id, username from core.videos where playlist_id is not null order by 1"
        )
        stored = rows(lab, "select playlist_id, username from core.playlists order by 1")
        statuses = {row[0]: row[2] for row in coverage(lab)}
        missing = rows(
            lab,
            "select video_id from core.videos where playlist_id in (select playlist_id from core.playlists)"
            " except select video_id from core.playlist_videos",
        )

    assert stored == [row for row in known if row[1] in observed]
    assert stored
    assert missing == []
    assert second.receipt.requests == 0
    assert statuses == {name: "complete" if name in {row[1] for row in stored} else "none_known" for name in observed}


def test_a_failed_playlist_is_not_a_playlist_without_a_name(make_lab: MakeLab) -> None:
    """The stored failure overwrites no row, and counts for its own playlist only."""
    with make_lab(Knobs(rate_per_minute=0, missing_key_rates={"playlist_id": 0.5})) as lab:
        observe(lab, lists="playlists", top_creators="{search: climate, most: 1}", every_days=1)
        with lab.session() as session:
            collect_videos(session, session.study.searches[0], DAYS)
        collect(lab, PLAYLISTS)
        before = rows(lab, "select playlist_id, name from core.playlists")
        fault = Fault(kind=FaultKind.ERROR_500, endpoint="playlist_info", always=True)
        lab.simulator.change_knobs(faults=(fault,))
        lab.clock.advance(days=1)
        report = collect(lab, PLAYLISTS)
        after = rows(lab, "select playlist_id, name from core.playlists")

    assert (report.days[0].status, report.receipt.bought_twice) == ("failed", 0)
    assert after == before
    assert before


@pytest.mark.slow
def test_listed_videos_are_videos_without_a_hit(lab: Lab) -> None:
    """Pinned and reposted videos are in core.videos; their comments and creators are not due."""
    names = [c.username for c in lab.simulator.world.people.creators if is_public(c) and c.index % 4 == 3][:5]
    observe(lab, *names, lists="pinned, reposted, liked, following")
    for account_list in AccountList:
        collect(lab, account_list)
    with lab.session() as session:
        work = [piece.asset for piece in due(session.coverage()) if not piece.asset.startswith("videos/")]

    shown = rows(lab, "select distinct video_id from core.user_listed_videos order by 1")
    assert rows(lab, "select video_id from core.videos order by 1") == shown
    assert rows(lab, "select * from core.search_hits") == []
    assert work == []
    assert len(shown) > 5
    assert lab.simulator.charged(Bucket.SOCIAL) >= 5
    assert {row[2] for row in coverage(lab)} <= {"complete", "refused"}


def test_new_and_lost_followers_are_in_the_marts(lab: Lab) -> None:
    """Between two observations one account followed and another unfollowed."""
    observe(lab, "lena", every_days=1)
    for look, follower in ((1, "jo"), (2, "kim")):
        with (
            lab.session() as session,
            session.zone.writing(day_load_id(Dataset.FOLLOWERS, TODAY, f"{look}"), packs=True) as at,
        ):
            at.append(follower_page(lab, look, follower, "eva"))
        lab.clock.advance(days=1)

    assert rows(lab, "select look, entries, entries_new, entries_vanished from marts.account_looks order by look") == [
        (1, 2, None, None),
        (2, 2, 1, 1),
    ]
    assert coverage(lab) == [("lena", "followers", "complete", 2, 2)]


def follower_page(lab: Lab, look: int, *usernames: str) -> Envelope:
    """A landed page of lena's followers."""
    listed = ", ".join(f'{{"username": "{name}", "display_name": "x"}}' for name in usernames)
    body = f'{{"data": {{"user_followers": [{listed}], "cursor": 1, "has_more": false}}, "error": {{"code": "ok"}}}}'
    return Envelope(
        dataset=Dataset.FOLLOWERS,
        search=None,
        fingerprint=None,
        look=look,
        window_from=lab.clock.now().date(),
        window_to=lab.clock.now().date(),
        subject="lena",
        endpoint="followers",
        request={"username": "lena", "max_count": 100},
        fetched_at=lab.clock.now(),
        status=200,
        log_id=None,
        cursor=1,
        has_more=False,
        search_id=None,
        slots=len(usernames),
        records=len(usernames),
        refusal=None,
        ends=StopReason.COMPLETE,
        body=body,
    )
