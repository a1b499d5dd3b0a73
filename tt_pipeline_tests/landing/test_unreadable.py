"""What may be in a landed file or folder that cannot be read: the pages that its name says."""

from datetime import date
from pathlib import Path

import pytest

from tt_pipeline.landing import LandingZone, Unreadable
from tt_pipeline.vocabulary import Dataset
from tt_pipeline_tests.builders import FINGERPRINT
from tt_pipeline_tests.landing.odd_files import file, load_named, page

IN_IT, BEFORE_IT = date(2026, 10, 2), date(2026, 9, 30)
OTHER = "0" * 64


def test_a_file_may_contain_what_its_name_says() -> None:
    """Of a window the days and the query, of the other datasets the day."""
    window = Unreadable.file(load_named(1), "f", "broken")
    comments = Unreadable.file("comments/2026-10-02/run-1", "f", "broken")

    assert window.may_contain(Dataset.VIDEOS, IN_IT, FINGERPRINT)
    assert not window.may_contain(Dataset.VIDEOS, BEFORE_IT, FINGERPRINT)
    assert not window.may_contain(Dataset.VIDEOS, IN_IT, OTHER)
    assert not window.may_contain(Dataset.COMMENTS, IN_IT)
    assert comments.may_contain(Dataset.COMMENTS, IN_IT)
    assert not comments.may_contain(Dataset.COMMENTS, BEFORE_IT)
    assert f"{window}" == "f cannot be read (broken)"


@pytest.mark.parametrize(
    ("name", "videos", "other_query", "comments", "other_day"),
    [
        pytest.param(".", True, True, True, True, id="the landing folder"),
        pytest.param("videos", True, True, False, True, id="all videos"),
        pytest.param("videos/bees", True, True, False, True, id="a search"),
        pytest.param(f"videos/bees/{FINGERPRINT[:8]}", True, False, False, True, id="a query"),
        pytest.param("videos/2026-10-02", True, True, False, True, id="a search that is named like a day"),
        pytest.param("comments", False, False, True, False, id="all comments"),
        pytest.param("comments/2026-10-02", False, False, True, False, id="a day of comments"),
    ],
)
def test_a_folder_may_contain_everything_below_it(
    name: str, *, videos: bool, other_query: bool, comments: bool, other_day: bool
) -> None:
    """A search keeps its pages under its earlier name, so a search's folder may have pages of any query."""
    folder = Unreadable.folder(name, "f", "closed")

    assert folder
    assert folder.may_contain(Dataset.VIDEOS, IN_IT, FINGERPRINT) is videos
    assert folder.may_contain(Dataset.VIDEOS, IN_IT, OTHER) is other_query
    assert folder.may_contain(Dataset.VIDEOS, BEFORE_IT, FINGERPRINT) is other_day
    assert folder.may_contain(Dataset.COMMENTS, IN_IT) is comments


def test_a_folder_of_others_contains_nothing() -> None:
    """`lost+found` belongs to the file system, and nobody may read it."""
    assert Unreadable.folder("lost+found", "f", "closed") is None


def test_a_file_that_can_be_read_again_is_no_longer_unreadable(tmp_path: Path) -> None:
    """The next process, or the next lease, reads it."""
    path = tmp_path / f"{load_named(1)}.ndjson"
    path.parent.mkdir(parents=True)
    path.symlink_to("/proc/self/mem")
    with LandingZone(tmp_path) as zone:
        (unreadable,) = zone.index.unreadable
        path.unlink()
        file(f"{load_named(1)}.ndjson", page(1))(tmp_path)
        zone.catch_up()
        assert (zone.index.unreadable, zone.index.number_of_files()) == ((), 1)
    assert f"{unreadable}" == f"{path} cannot be read (Input/output error)"
