"""Lists in separate files: `{file: accounts.txt}`."""

import os
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
    """One value a line; comments and blanks are skipped; the fingerprint is that of the list."""
    (lists / "accounts.txt").write_text("# agencies\n\n  @nasa  \r\nesa\n#dlr\n", encoding="utf-8-sig")

    assert written(study_text(LIST)).searches == written(study_text("usernames: [nasa, esa]")).searches


def test_a_changed_file_is_another_query(lists: Path) -> None:
    """What was collected for the old list does not count for the new one."""
    (lists / "accounts.txt").write_text("nasa\n")
    before = written(study_text(LIST)).searches[0].fingerprint
    (lists / "accounts.txt").write_text("nasa\nesa\n")

    assert written(study_text(LIST)).searches[0].fingerprint != before


def test_the_path_counts_from_the_study(lists: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is found from any working directory."""
    (lists / "accounts.txt").write_text("nasa\n")
    Path("study.yaml").write_text(study_text(LIST))
    study = Path("study.yaml").resolve()
    monkeypatch.chdir("/")

    assert read_study(study).searches[0].query.all_of[0].values == ("nasa",)


def test_hashtags_in_a_file_may_keep_their_sign(lists: Path) -> None:
    """Among hashtags `#climate` is a value, and `# climate` a comment."""
    (lists / "tags.txt").write_text("# our tags\n#climate\n#\n##\nheat\n")

    query = written(study_text("exclude: {hashtags: {file: lists/tags.txt}}")).searches[0].query
    assert query.none_of[0].values == ("climate", "heat")


def test_a_mistake_in_the_file_is_reported_with_its_own_line(lists: Path) -> None:
    """The line is that of the value file, the path that of the study."""
    (lists / "accounts.txt").write_text("# agencies\nnasa\nesa dlr\n")

    assert refusal(study_text(LIST)) == (
        "lists/accounts.txt:3: searches.climate.usernames[1]: 'esa dlr' is not a username; write the handle without @."
    )


def test_mistakes_before_and_after_the_file_keep_their_order(lists: Path) -> None:
    """A mistake in a value file is ordered by the line of the study that names the file."""
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
    ("lists/utf16.txt", "lists/utf16.txt is not UTF-8 text; save it with the encoding UTF-8."),
    ("lists/pipe", "lists/pipe is a device or a pipe; write the values into a file."),
    ("lists/huge.txt", "lists/huge.txt is larger than 16,777,216 bytes. Split it into several searches."),
    ("lists/circle", "lists/circle cannot be read: Too many levels of symbolic links."),
    ("/dev/zero", "/dev/zero is a device or a pipe; write the values into a file."),
    ("/proc/self/environ/x", "/proc/self/environ/x cannot be read: Not a directory."),
    (f"lists/{'x' * 300}", f"lists/{'x' * 300} cannot be read: File name too long."),
]


@pytest.mark.parametrize(("name", "says"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_file_without_values_is_reported_at_its_line(lists: Path, name: str, says: str) -> None:
    """A list that cannot be read is never treated as an empty list."""
    (lists / "empty.txt").write_text("# nothing yet\n")
    (lists / "latin1.txt").write_bytes(b"\xe9t\xe9\n")
    (lists / "utf16.txt").write_bytes("nasa\n".encode("utf-16"))
    os.mkfifo(lists / "pipe")
    with (lists / "huge.txt").open("wb") as huge:
        huge.truncate(1024**3)
    (lists / "circle").symlink_to("circle")

    message = refusal(study_text(f"keywords: a\nusernames: {{file: {name}}}"))
    assert message == f"study.yaml:6: searches.climate.usernames.file: {says}"


OUTSIDE = "is outside the study's folder; if it is meant, write its whole path,"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file outside of the folder of the study."""
    secret = tmp_path / "secret.txt"
    secret.write_text("nasa\n")
    inside = tmp_path / "study"
    (inside / "lists").mkdir(parents=True)
    (inside / "lists" / "link.txt").symlink_to(secret)
    (inside / "parent").symlink_to(tmp_path)
    (inside / "linked.txt").symlink_to("lists/own.txt")
    (inside / "lists" / "own.txt").write_text("esa\n")
    monkeypatch.chdir(inside)
    return secret


@pytest.mark.parametrize("name", ["../secret.txt", "lists/../../secret.txt", "lists/link.txt", "parent/secret.txt"])
def test_a_study_reads_no_file_outside_its_folder(elsewhere: Path, name: str) -> None:
    """A path out of the study's folder, also by a link, is refused; the message has the whole path."""
    message = refusal(study_text(f"keywords: a\nusernames: {{file: {name}}}"))

    assert message == f"study.yaml:6: searches.climate.usernames.file: {name} {OUTSIDE} {elsewhere}."


@pytest.mark.parametrize(("name", "value"), {"linked.txt": "esa", "parent/study/lists/own.txt": "esa"}.items())
def test_a_link_within_the_folder_is_followed(elsewhere: Path, name: str, value: str) -> None:
    """A link is allowed if its target is in the folder."""
    assert elsewhere.exists()
    assert written(study_text(f"usernames: {{file: {name}}}")).searches[0].query.all_of[0].values == (value,)


def test_an_absolute_path_is_allowed(elsewhere: Path) -> None:
    """A whole path was written on purpose."""
    assert written(study_text(f"usernames: {{file: {elsewhere}}}")).searches[0].query.all_of[0].values == ("nasa",)


def test_the_apis_own_json_takes_no_files() -> None:
    """A query in the API's own JSON has all values in the study."""
    condition = "{field_name: keyword, operation: IN, field_values: {file: a.txt}}"
    with pytest.raises(StudyError) as refused:
        written(study_text(f"query: {{or: [{condition}]}}"))

    assert refused.value.where == "searches.climate.query.or[0].field_values"
