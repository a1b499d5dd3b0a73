"""Lists in files of their own: `{file: accounts.txt}`."""

from pathlib import Path

import pytest

from tt_pipeline.errors import StudyError
from tt_pipeline.studies import read_study
from tt_pipeline_tests.studies.writing import refusal, study_text, written

LIST = "usernames: {file: lists/accounts.txt}"


@pytest.fixture(autouse=True)
def lists() -> Path:
    """The folder of the value files."""
    folder = Path("lists")
    folder.mkdir()
    return folder


def test_a_file_is_the_same_as_the_list(lists: Path) -> None:
    """One value a line; comments, blank lines and blanks around a value are skipped; the fingerprint is the list's."""
    (lists / "accounts.txt").write_text("# agencies\n\n  @nasa  \r\nesa\n#dlr\n", encoding="utf-8-sig")

    assert written(study_text(LIST)).searches == written(study_text("usernames: [nasa, esa]")).searches


def test_a_changed_file_is_another_question(lists: Path) -> None:
    """What was collected for the old list is not taken for the new one."""
    (lists / "accounts.txt").write_text("nasa\n")
    before = written(study_text(LIST)).searches[0].fingerprint
    (lists / "accounts.txt").write_text("nasa\nesa\n")

    assert written(study_text(LIST)).searches[0].fingerprint != before


def test_the_path_counts_from_the_study(lists: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found from whatever folder the command is started."""
    (lists / "accounts.txt").write_text("nasa\n")
    Path("study.yaml").write_text(study_text(LIST))
    study = Path("study.yaml").resolve()
    monkeypatch.chdir("/")

    assert read_study(study).searches[0].query.all_of[0].values == ("nasa",)


def test_hashtags_in_a_file_may_keep_their_sign(lists: Path) -> None:
    """Among hashtags `#climate` is a value, and `# climate` a comment."""
    (lists / "tags.txt").write_text("# our tags\n#climate\n#\n##\nheat\n")

    asked = written(study_text("exclude: {hashtags: {file: lists/tags.txt}}")).searches[0].query
    assert asked.none_of[0].values == ("climate", "heat")


def test_a_mistake_in_the_file_is_told_with_its_own_line(lists: Path) -> None:
    """The place is the value file's, the path the study's."""
    (lists / "accounts.txt").write_text("# agencies\nnasa\nesa dlr\n")

    assert refusal(study_text(LIST)) == (
        "lists/accounts.txt:3: searches.climate.usernames[1]: 'esa dlr' is not a username; write the handle without @."
    )


def test_mistakes_before_and_after_the_file_keep_their_order(lists: Path) -> None:
    """A mistake in a value file counts where the study names the file."""
    (lists / "accounts.txt").write_text("a b\n")

    above = refusal(study_text(f"regions: UK\n{LIST}"))
    below = refusal(study_text(f"{LIST}\nregions: UK"))
    assert above.startswith("study.yaml:5: searches.climate.regions: ")
    assert below.startswith("lists/accounts.txt:1: searches.climate.usernames[0]: ")


FAULTS = [
    ("nowhere.txt", "nowhere.txt does not exist. The path is relative to the study file's folder."),
    ("lists", "lists cannot be read: Is a directory."),
    ("lists/empty.txt", "lists/empty.txt contains no value; write one on each line."),
    ("lists/latin1.txt", "lists/latin1.txt is not UTF-8 text; save it with the encoding UTF-8."),
]


@pytest.mark.parametrize(("name", "says"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_file_that_gives_no_values_is_told_at_its_line(lists: Path, name: str, says: str) -> None:
    """A list that cannot be read is never taken for an empty one."""
    (lists / "empty.txt").write_text("# nothing yet\n")
    (lists / "latin1.txt").write_bytes(b"\xe9t\xe9\n")

    told = refusal(study_text(f"keywords: a\nusernames: {{file: {name}}}"))
    assert told == f"study.yaml:6: searches.climate.usernames.file: {says}"


def test_the_apis_own_json_takes_no_files() -> None:
    """What is verbatim is whole in the study."""
    condition = "{field_name: keyword, operation: IN, field_values: {file: a.txt}}"
    with pytest.raises(StudyError) as refused:
        written(study_text(f"query: {{or: [{condition}]}}"))

    assert refused.value.where == "searches.climate.query.or[0].field_values"
