"""A copy that could not be reached when something was deleted is remembered, and cleaned when it is back."""

import pytest

from tt_pipeline.duties.returned_copies import clean_returned, is_one_back, unreached
from tt_pipeline_tests.duties.builders import COMMENTS, STUDY, VIDEO, Stored, places_of

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
    assert (unreached(stored.files), is_one_back(stored.files)) == ([place], False)
    assert clean(stored) == []

    away.rename(place)
    assert places_of(place, WORDS)
    assert is_one_back(stored.files)
    (sentence,) = clean(stored)

    assert sentence.startswith(f"{place}: {said}")
    assert places_of(place, WORDS) == []
    assert (unreached(stored.files), clean(stored)) == ([], [])


def test_a_folder_that_the_study_names_is_searched_until_it_is_clean(stored: Stored) -> None:
    """Its files are somebody's own: they are named and not changed."""
    folder = stored.root / "my analysis"
    folder.mkdir()
    (folder / "notes.txt").write_text(f"Look at {VIDEO}!\n")
    stored.settings.study_file.write_text(f"{STUDY}compliance: {{copies: ['{folder}']}}\n")
    report = stored.purge(ids=(VIDEO,))
    assert any(each.startswith(f"{folder}: the study names this folder as a copy") for each in report.by_hand)

    said = f"{folder / 'notes.txt'}: this file still has ids of what was deleted; delete them there."
    assert [clean(stored), clean(stored)] == [[said], [said]]
    assert f"{VIDEO}" in (folder / "notes.txt").read_text()

    (folder / "notes.txt").write_text("Look at another one!\n")
    assert (clean(stored), unreached(stored.files)) == ([], [])
