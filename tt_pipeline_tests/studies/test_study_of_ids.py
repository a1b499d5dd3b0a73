"""The study that `tt rehydrate` writes."""

from datetime import UTC, date, datetime
from pathlib import Path

from tt_pipeline.studies import IdStudy, Study, id_study, read_study
from tt_pipeline.studies.video_ids import MOST_IDS
from tt_pipeline.vocabulary import VideoId

FIRST = int(datetime(2026, 10, 1, 12, tzinfo=UTC).timestamp()) << 32
A_DAY = 86_400 << 32


def written(study: IdStudy) -> Study:
    """The study, read from its files."""
    for name, text in study.value_files.items():
        Path(name).write_text(text)
    Path("study.yaml").write_text(study.text)
    return read_study(Path("study.yaml"))


def ids(number: int, step: int) -> list[VideoId]:
    """Ids of videos, this far from each other."""
    return [VideoId(FIRST + each * step) for each in range(number)]


def test_the_study_asks_for_the_ids_alone() -> None:
    """Days, looks and price follow from the ids; the title may have any character."""
    made = id_study('Videos of "a: b#".csv', ids(3, 20 * A_DAY))
    study = written(made)

    assert (study.title, study.looks, study.collects) == ('Videos of "a: b#".csv', (3,), ())
    assert (study.first_day, study.last_day) == (date(2026, 10, 1), date(2026, 11, 10))
    assert [len(search.queries) for search in study.searches] == [made.requests] == [2]
    assert study.quota.confirmed
    assert [value for search in study.searches for value in search.query.all_of[0].values] == [
        str(each) for each in ids(3, 20 * A_DAY)
    ]


def test_more_ids_than_a_search_may_have_are_split() -> None:
    """Each search has its own file, and each id is in one of them."""
    made = id_study("Many", ids(MOST_IDS + 1, 1))
    study = written(made)

    assert list(made.value_files) == ["ids_1.txt", "ids_2.txt"]
    assert [len(search.query.all_of[0].values) for search in study.searches] == [MOST_IDS, 1]
    assert made.requests == MOST_IDS // 100 + 1
