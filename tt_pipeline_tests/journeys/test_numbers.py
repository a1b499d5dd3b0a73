"""Numbers of the marts are those of the simulator's world and log."""

from collections.abc import Iterator

import pytest

from tt_pipeline_tests.contract.shared_server import SharedServer
from tt_pipeline_tests.journeys.true_numbers import DAYS, NEVER_EXISTED, Numbers, collected_numbers

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def numbers(server: tuple[SharedServer, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Numbers]:
    """The collected study and the truth; no test changes it."""
    with collected_numbers(server, tmp_path_factory.mktemp("numbers")) as collected:
        yield collected


def _ids(numbers: Numbers, sql: str) -> set[int]:
    return {int(video_id) for (video_id,) in numbers.rows(sql)}


def test_a_search_has_what_its_present_query_could_return(numbers: Numbers) -> None:
    """Each list has the visible videos of both looks; the edited one only those of its present query."""
    found = "select video_id from marts.video_searches where is_current and search = '{}'"
    truth = numbers.truth
    assert _ids(numbers, found.format("climate")) == truth.all_shown(0, "climate") | truth.all_shown(1, "climate")
    assert _ids(numbers, found.format("green")) == truth.all_shown(1, "green")
    past = "select video_id from marts.video_searches where not is_current and search = 'green'"
    assert _ids(numbers, past) == truth.all_shown(0, "green") != truth.all_shown(1, "green")


def test_videos_of_an_earlier_query_are_told_apart(numbers: Numbers) -> None:
    """marts.videos names the present searches, and in another column those whose earlier query found a video."""
    truth = numbers.truth
    present = "select video_id from marts.videos where contains(searches, 'green')"
    past = "select video_id from marts.videos where contains(past_searches, 'green')"
    assert _ids(numbers, present) == truth.all_shown(1, "green")
    assert _ids(numbers, past) == truth.all_shown(0, "green") - truth.all_shown(1, "green")


def test_lost_ids_are_those_that_the_last_look_does_not_return(numbers: Numbers) -> None:
    """`is_found` counts ids that were found once, and therefore too few losses."""
    truth = numbers.truth
    assert _ids(numbers, "select video_id from marts.asked_ids where is_shown") == truth.all_shown(1, "listed")
    assert _ids(numbers, "select video_id from marts.asked_ids where not is_shown") == set(truth.ids) - truth.all_shown(
        1, "listed"
    )
    ever = _ids(numbers, "select video_id from marts.asked_ids where is_found_ever")
    assert ever > truth.all_shown(1, "listed")
    assert _ids(numbers, "select video_id from marts.asked_ids where last_seen_at is null") >= {NEVER_EXISTED}


def test_a_video_is_gone_if_the_second_look_cannot_return_it(numbers: Numbers) -> None:
    """Survival and attrition count the deleted videos of each search."""
    gone = {
        search: numbers.truth.all_shown(0, search) - numbers.truth.all_shown(1, search)
        for search in ("climate", "listed")
    }
    for search, ids in gone.items():
        sql = f"select video_id from marts.video_survival where search = '{search}' and is_gone"
        assert _ids(numbers, sql) == ids != set()
    attrition = numbers.rows("select search, videos_looked_for, videos_gone, exposure_days from marts.attrition")
    seen = {row[0]: row[1:] for row in attrition}
    for search, ids in gone.items():
        stay = len(numbers.truth.all_shown(0, search)) - len(ids)
        assert seen[search] == (stay + len(ids), len(ids), pytest.approx(12 * stay + 6 * len(ids)))


def test_a_day_has_the_videos_of_its_looks(numbers: Numbers) -> None:
    """Days of a list can be compared by their last look, those of a sample cannot."""
    columns = "day_date, videos, videos_in_last_look, kind, is_comparable"
    sql = f"select {columns} from marts.daily_volume where status is not null and search = ?"
    for search, looks in (("climate", (0, 1)), ("green", (1,))):
        found = {row[0]: row[1:] for row in numbers.rows(sql, search)}
        shown = {day: {i for look in looks for i in numbers.truth.shown[look, search, day]} for day in DAYS}
        last = {day: numbers.truth.shown[1, search, day] for day in DAYS}
        assert found == {day: (len(shown[day]), len(last[day]), "list", True) for day in DAYS}
    assert {row[2:] for row in numbers.rows(sql, "drawn")} == {(None, "sample", False)}


def test_a_total_counts_a_video_of_two_searches_once(numbers: Numbers) -> None:
    """The sum over the searches is larger than the number of different videos."""
    truth = numbers.truth
    different = {
        day: truth.shown[0, "climate", day] | truth.shown[1, "climate", day] | truth.shown[1, "green", day]
        for day in DAYS
    }
    found = dict(numbers.rows("select day_date, videos from marts.daily_totals"))
    assert found == {day: len(ids) for day, ids in different.items()}
    ((summed,),) = numbers.rows(
        "select sum(videos) from marts.daily_volume where status is not null and search in ('climate', 'green')"
    )
    assert summed > sum(found.values())


def test_coverage_adds_up_to_what_the_server_charged(numbers: Numbers) -> None:
    """Every look and every version of a query is a row: their requests are those of the simulator's log."""
    ((requests,),) = numbers.rows("select sum(requests) from ops.look_coverage")
    assert requests == pytest.approx(numbers.truth.charged)
    ((of_present_looks,),) = numbers.rows("select sum(requests) from ops.search_coverage")
    assert of_present_looks < numbers.truth.charged


def test_hidden_videos_are_counted_where_they_are_known(numbers: Numbers) -> None:
    """Of each window, and of a day only if it has a window alone; samples do not know them."""
    windows = """
        select look, sum(window_slots), sum(window_hidden), count(distinct load_id) from (
          select distinct look, load_id, window_slots, window_hidden from ops.look_coverage
          where search = 'climate' and ends = 'complete'
        ) group by look order by look
    """
    truth = numbers.truth
    slots = [truth.slots[look, "climate"] for look in (0, 1)]
    hidden = [slots[look] - len(truth.all_shown(look, "climate")) for look in (0, 1)]
    found = numbers.rows(windows)
    assert [row[1:3] for row in found] == list(zip(slots, hidden, strict=True))
    of_days = "select count(hidden) from ops.look_coverage where window_from_date < window_to_date or draw is not null"
    assert numbers.rows(of_days) == [(0,)]
    assert numbers.rows("select count(window_hidden) from ops.look_coverage where draw is not null") == [(0,)]


def test_a_sampled_day_has_the_different_videos_of_its_draws(numbers: Numbers) -> None:
    """Two draws of 10 return more than one draw, and fewer than 20 where they overlap."""
    drawn = numbers.rows(
        "select day_date, records from ops.search_coverage where search = 'drawn' and day_date <= date '2026-11-08'"
    )
    landed = numbers.rows(
        "select created_date, count(distinct video_id) from core.search_hits join core.videos using (video_id)"
        " where search = 'drawn' group by all"
    )
    assert dict(drawn) == dict(landed)
    assert max(dict(drawn).values()) > 10
