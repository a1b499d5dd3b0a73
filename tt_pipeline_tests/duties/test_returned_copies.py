"""A copy that could not be reached when something was deleted is remembered, and cleaned when it is back."""

import gzip

import polars as pl
import pytest

from tt_pipeline.duties.returned_copies import clean_returned, has_returned, unreached
from tt_pipeline_tests.duties.builders import COMMENTS, CREATOR, STUDY, VIDEO, Stored, places_of

pytestmark = pytest.mark.journey

WORDS = [VIDEO, *COMMENTS]


def clean(stored: Stored) -> list[str]:
    """Clean what is back, as a refresh does first."""
    with stored.opened() as workspace:
        return clean_returned(workspace, stored.settings.study_file)


@pytest.mark.parametrize(
    ("copy", "said"), [("elsewhere", "this export is there again; "), ("backup", "this backup is there again, and ")]
)
def test_what_comes_back_is_cleaned(stored: Stored, copy: str, said: str) -> None:
    """A disk that was not plugged in during a purge has nothing of it after the next refresh."""
    place, away = stored.root / copy, stored.root / "not plugged in"
    place.rename(away)
    report = stored.purge(ids=(VIDEO,))
    assert any(f"{place}" in each and "`tt refresh`" in each for each in report.by_hand)
    assert (unreached(stored.files), has_returned(stored.files)) == ([place], False)
    assert clean(stored) == []

    away.rename(place)
    assert places_of(place, WORDS)
    assert has_returned(stored.files)
    (sentence,) = clean(stored)

    assert sentence.startswith(f"{place}: {said}")
    assert places_of(place, WORDS) == []
    assert (unreached(stored.files), clean(stored)) == ([], [])


@pytest.mark.parametrize("copy", ["elsewhere", "backup"])
def test_an_empty_folder_is_no_copy_that_is_back(stored: Stored, copy: str) -> None:
    """Where a disk is mounted there is an empty folder while it is away: nothing is written there or forgotten."""
    place = stored.root / copy
    place.rename(stored.root / "not plugged in")
    place.mkdir()
    stored.purge(ids=(VIDEO,))
    assert (unreached(stored.files), has_returned(stored.files), clean(stored)) == ([place], False, [])
    assert list(place.iterdir()) == []


def test_a_damaged_file_does_not_protect_the_others(stored: Stored) -> None:
    """The other files of an export are cleaned, and the damaged one is named once and not tried every day."""
    damaged = stored.files.exports / "csv" / "odd.parquet"
    damaged.write_bytes(b"no parquet")
    report = stored.purge(ids=(VIDEO,))
    assert [each for each in report.by_hand if each.startswith(f"{damaged}: this file of an export cannot be read")]
    assert places_of(stored.files.exports, WORDS) == []
    assert (unreached(stored.files), has_returned(stored.files)) == ([], False)


def test_backups_know_which_copies_are_away(stored: Stored) -> None:
    """A machine that burns after a deletion does not make the list of what must still be cleaned forgotten."""
    place = stored.root / "elsewhere"
    place.rename(stored.root / "not plugged in")
    stored.purge(ids=(VIDEO,))
    assert f"{place}" in (stored.root / "backup" / "internal" / "unreached.json").read_text()


def test_compressed_files_and_usernames_are_not_overlooked(stored: Stored) -> None:
    """In a folder of the study: a Parquet file is read, a workbook is named, an @username is found in a text."""
    folder = stored.root / "my analysis"
    folder.mkdir()
    pl.DataFrame({"video_id": [VIDEO]}).write_parquet(folder / "a.parquet")
    (folder / "b.csv.gz").write_bytes(gzip.compress(f"{VIDEO}".encode()))
    (folder / "c.txt").write_text("x" * (1 << 23) + f" @{CREATOR.upper()} ")
    (folder / "d.txt").write_text("nothing of it")
    stored.settings.study_file.write_text(f"{STUDY}compliance: {{copies: ['{folder}']}}\n")
    stored.purge(usernames=(CREATOR,))
    said = clean(stored)
    assert [each.partition(": ")[0] for each in said] == [
        f"{folder / name}" for name in ("a.parquet", "b.csv.gz", "c.txt")
    ]
    assert "is compressed; look whether" in said[1]


def test_a_folder_that_the_study_names_is_searched_until_it_is_clean(stored: Stored) -> None:
    """Its files are somebody's own: they are named and not changed."""
    folder = stored.root / "my analysis"
    folder.mkdir()
    (folder / "notes.txt").write_text(f"Look at {VIDEO}!\n")
    stored.settings.study_file.write_text(f"{STUDY}compliance: {{copies: ['{folder}']}}\n")
    report = stored.purge(ids=(VIDEO,))
    assert any(each.startswith(f"{folder}: the study names this folder as a copy") for each in report.by_hand)

    said = f"{folder / 'notes.txt'}: this file has what was deleted; delete it there."
    assert [clean(stored), clean(stored)] == [[said], [said]]
    assert f"{VIDEO}" in (folder / "notes.txt").read_text()

    (folder / "notes.txt").write_text("Look at another one!\n")
    assert (clean(stored), unreached(stored.files)) == ([], [])
