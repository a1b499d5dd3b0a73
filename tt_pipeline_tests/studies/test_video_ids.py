"""A search of ids: which ids are requested, and in which parts."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tt_pipeline.query import Query
from tt_pipeline.studies import Search, StudyQuery, sentence
from tt_pipeline.studies.video_ids import first_day_of, id_problem, last_day_of, parts_of
from tt_pipeline.vocabulary import VideoId
from tt_pipeline_tests.studies.writing import condition, refusal, study_text, written

START = datetime(2026, 10, 1, tzinfo=UTC)
FILE = "video_ids: {file: ids.txt}"


def video_id(after: timedelta, number: int = 7) -> VideoId:
    """The id of a video uploaded this long after the study's start."""
    return VideoId((int((START + after).timestamp()) << 32) + number)


def listed(*ids: VideoId) -> Search:
    """The search of these ids."""
    Path("ids.txt").write_text("\n".join(map(str, ids)))
    return written(study_text(FILE)).searches[0]


def part(*ids: VideoId, first_day: date, last_day: date) -> StudyQuery:
    """A query that is sent for a search of ids."""
    query = Query(all_of=(condition("video_id", "IN", *map(str, ids)),))
    return StudyQuery(
        name="climate",
        query=query,
        first_day=first_day,
        last_day=last_day,
        fingerprint=query.fingerprint(),
        is_id_list=True,
    )


def ids_in(search: StudyQuery) -> list[VideoId]:
    """The ids of a query."""
    return [VideoId(int(value)) for condition in search.query.all_of for value in condition.values]


def test_ids_are_sorted_and_cut_where_thirty_days_are_full() -> None:
    """A part has 30 days from its first id's day; the whole query has all ids and is never sent."""
    first, thirtieth, next_ = (video_id(timedelta(days=days, hours=12)) for days in (0, 29, 30))
    search = listed(next_, first, thirtieth, first)

    october = part(first, thirtieth, first_day=date(2026, 10, 1), last_day=date(2026, 10, 30))
    last = part(next_, first_day=date(2026, 10, 31), last_day=date(2026, 10, 31))
    assert search.parts == (october, last)
    whole = part(first, thirtieth, next_, first_day=date(2026, 10, 1), last_day=date(2026, 10, 31))
    assert (search.query, search.first_day, search.last_day) == (whole.query, whole.first_day, whole.last_day)


def test_an_upload_before_midnight_is_looked_for_on_the_next_day_too() -> None:
    """A video's create_time is up to a minute after the second in its id."""
    search = listed(video_id(timedelta(hours=23, minutes=59, seconds=30)))

    assert (search.first_day, search.last_day) == (date(2026, 10, 1), date(2026, 10, 2))


def test_no_part_reaches_beyond_the_searchs_last_day() -> None:
    """The day after the last one is not requested."""
    late = video_id(timedelta(hours=23, minutes=59, seconds=30))
    search = written(study_text(f"to: 2026-10-01\nvideo_ids: {late}")).searches[0]

    assert [(p.first_day, p.last_day) for p in (search, *search.parts)] == [(date(2026, 10, 1), date(2026, 10, 1))] * 2


def test_ten_thousand_ids_of_150_days_are_at_most_106_requests() -> None:
    """Evenly spread ids fill their parts; the limit of 30 days costs at most five more parts."""
    search = listed(*(video_id(timedelta(days=150) * n / 10_000) for n in range(10_000)))

    assert len(search.parts) == 100
    assert sentence(search) == "the videos of 10,000 ids, in 100 requests"


OFFSETS = st.integers(0, 150 * 86_400 - 1)


@settings(deadline=None)
@given(st.lists(st.tuples(OFFSETS, st.integers(1, 200)), min_size=1, max_size=40))
def test_parts_have_each_id_once_and_are_legal(bursts: list[tuple[int, int]]) -> None:
    """For any spread of ids over 150 days no id is lost, no part is too long, and most parts are full."""
    ids = sorted({video_id(timedelta(seconds=at), n) for at, count in bursts for n in range(count)})
    parts = list(parts_of(ids))

    assert [one for part in parts for one in part] == ids
    assert max(len(part) for part in parts) <= 100
    assert max((last_day_of(part[-1]) - first_day_of(part[0])).days for part in parts) < 30
    assert len(parts) <= len(ids) // 100 + 6


def test_order_repetition_links_and_days_do_not_change_the_identity() -> None:
    """The fingerprint is over the sorted ids, however they are written."""
    one, two = video_id(timedelta(days=1)), video_id(timedelta(days=2))
    link = f"https://www.tiktok.com/@nasa/video/{one}?lang=de"
    plain = written(study_text(f"video_ids: [{one}, {two}]")).searches[0]
    copied = written(study_text(f"from: 2026-10-02\nvideo_ids: ['{two}', '{link}', {one}]")).searches[0]

    assert copied == plain
    assert ids_in(copied) == [one, two]


def test_ids_of_other_days_are_counted_and_not_requested() -> None:
    """Ids outside the search's days cost nothing, and a notice has their number."""
    days = (-40, -30, 5, 6, 7, 40)
    Path("ids.txt").write_text("\n".join(str(video_id(timedelta(days=day))) for day in days))
    study = written(study_text(f"from: 2026-10-07\nto: 2026-10-31\n{FILE}"))

    assert ids_in(study.searches[0]) == [video_id(timedelta(days=6)), video_id(timedelta(days=7))]
    assert study.notices == (
        (
            "searches.climate.video_ids: ids outside the search's days are not requested: 3 before 2026-10-07 and "
            "1 after 2026-10-31, of 6 ids."
        ),
    )


def test_a_study_without_end_requests_ids_of_any_later_day() -> None:
    """The ids of a study do not depend on the clock."""
    assert listed(video_id(timedelta(days=3650))).parts[0].first_day == date(2036, 9, 28)


def test_a_bad_line_of_the_file_is_reported_with_its_number() -> None:
    """Files of ids have the same errors as all value files."""
    Path("ids.txt").write_text(f"# from the archive\n{video_id(timedelta(0))}\nid\n")

    assert refusal(study_text(FILE)) == (
        "ids.txt:3: searches.climate.video_ids[1]: 'id' is not an id; write its digits, up to 19 of them."
    )


def test_more_than_a_days_quota_is_several_searches() -> None:
    """100,000 ids are a day's 1,000 requests."""
    Path("ids.txt").write_text("\n".join(str(video_id(timedelta(0), n)) for n in range(100_001)))

    assert refusal(study_text(FILE)) == (
        "study.yaml:5: searches.climate.video_ids: has 100,001 ids; split them into searches of at most 100,000."
    )


def test_an_id_has_a_time_at_which_there_were_videos() -> None:
    """The time is between TikTok's first month and 2038, when ids of 64 bits end."""
    first = int(datetime(2016, 9, 1, tzinfo=UTC).timestamp()) << 32

    assert [id_problem(str(number)) for number in (first, 2**63 - 1)] == [None, None]
    assert id_problem(str(first - 1)) == (
        f"'{first - 1}' is not a video id: its date would be 2016-08-31, before TikTok; copy the id from the link."
    )
