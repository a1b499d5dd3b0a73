"""The whole message about a study with mistakes, because people act on it."""

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import StudyError
from tt_pipeline.studies import read_study
from tt_pipeline_tests.studies.writing import HEAD, SEARCHES, refusal, study_text

MISTAKES = yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text(encoding="utf-8"))


def whole(mistake: dict[str, Any]) -> str:
    """The file with the mistake."""
    if "search" in mistake:
        return study_text(mistake["search"])
    return f"{HEAD}{SEARCHES}{mistake['rules']}\n" if "rules" in mistake else str(mistake["study"])


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: " ".join(whole(mistake)[-30:].split()))
def test_a_mistake_is_reported_with_its_line_and_a_remedy(mistake: dict[str, Any]) -> None:
    """Each message has file, line, path, the value and what to write instead."""
    assert refusal(whole(mistake)).split("\n") == [mistake["says"], *mistake.get("and", [])]


FEWER = "(*name) repeat them; write fewer."
OWN_FILES = "Write long lists into files of their own: `usernames: {file: accounts.txt}`."
BOMB = [
    b"a: &a [x, x, x, x, x, x, x, x, x, x]\n",
    *(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n".encode() for before, name in pairwise("abcdefghi")),
]
BYTES = [
    (b"", "study.yaml: is empty. `tt init` writes a study to start from."),
    (b"a: \xff\n", "study.yaml: is not UTF-8 text; save it with the encoding UTF-8."),
    (b"\na: \x07\n", "study.yaml:2: contains a control character; delete it."),
    (b'study: "\\0"\n', "study.yaml:1: study: contains an incomplete character or a null byte; retype it."),
    (b'? "\\ud800"\n: 1\n', "study.yaml:1: contains an incomplete character or a null byte; retype it."),
    (b"[" * 3_000, "study.yaml: is nested too deeply."),
    (b"x: " + b"[" * 10_000 + b"]" * 10_000, "study.yaml: is nested too deeply."),
    (b"x: " + b"[" * 30 + b"]" * 30, "study.yaml:1: is nested too deeply."),
    (b"x: &x [*x]\n", "study.yaml:1: is nested too deeply."),
    (b"".join(BOMB), f"study.yaml:1: has more than 200,000 values, because aliases {FEWER}"),
    (b"a" * 2_200_000, f"study.yaml: is larger than 2,097,152 bytes. {OWN_FILES}"),
    (b"a: 1\nb:\n\t- 1\n", "study.yaml:3: is not YAML: it contains a tab; indent with spaces."),
    (b"a: \0\n", "study.yaml:1: contains a control character; delete it."),
    ("a: 1\n".encode("utf-16"), "study.yaml: is not UTF-8 text; save it with the encoding UTF-8."),
    ("a: 1\n".encode("utf-16-le"), "study.yaml:1: contains a control character; delete it."),
]


@pytest.mark.parametrize(("content", "says"), BYTES, ids=lambda value: repr(value[:12]))
def test_bytes_that_are_not_text_are_reported(content: bytes, says: str) -> None:
    """Bytes that no editor shows get a message too."""
    assert refusal(content) == says


def test_a_byte_order_mark_is_not_a_mistake() -> None:
    """Windows editors write one at the beginning."""
    Path("study.yaml").write_text(HEAD + SEARCHES, encoding="utf-8-sig")

    assert read_study(Path("study.yaml")).title == "Test"


@pytest.mark.parametrize("name", ["/dev/zero", "pipe"])
def test_a_study_that_never_ends_is_not_read(name: str) -> None:
    """A device or a pipe is reported at once instead of being waited for."""
    os.mkfifo("pipe")
    with pytest.raises(StudyError) as refused:
        read_study(Path(name))

    assert str(refused.value) == f"{name}: is a device or a pipe; write the values into a file."


def test_of_very_many_mistakes_twenty_are_reported() -> None:
    """A file that is not a study does not fill the screen; the first line has the number of mistakes."""
    Path("study.yaml").write_text("".join(f"key{number}: 1\n" for number in range(300)))
    with pytest.raises(StudyError) as refused:
        read_study(Path("study.yaml"))

    lines = str(refused.value).split("\n")
    assert (len(lines), len(refused.value.problems)) == (20, 303)
    assert lines[0].endswith(" (302 more problems in the file.)")


def test_a_missing_study_says_how_to_get_one() -> None:
    """The message has the command that creates a study."""
    with pytest.raises(StudyError) as refused:
        read_study(Path("nowhere.yaml"))

    assert str(refused.value) == (
        f"nowhere.yaml: does not exist. The current folder is {Path.cwd()}. `tt init` writes a study to start from."
    )


def test_data_without_its_study_is_not_begun_anew(tmp_path: Path) -> None:
    """Its study can be copied back or written again; an example study would request other data."""
    DataDir(tmp_path).landing.mkdir(parents=True)
    with pytest.raises(StudyError) as raised:
        read_study(tmp_path / "study.yaml")

    assert raised.value.problem == (
        "does not exist. The data that was collected for it is still there. Copy the study from a backup (from its "
        "folder `study`), or write it again: what was collected for the same queries is not requested again. "
        '`tt sql "from ops.searches"` shows the queries.'
    )


def test_a_folder_is_not_a_study() -> None:
    """The message about a path that cannot be read has the reason."""
    Path("study.yaml").mkdir()
    with pytest.raises(StudyError) as refused:
        read_study(Path("study.yaml"))

    assert str(refused.value) == "study.yaml: cannot be read: Is a directory."


NO_NAME = "is not a valid search name; use a-z, 0-9 and _, beginning with a letter, 60 characters at most."


def test_all_mistakes_are_reported_in_the_files_order() -> None:
    """The topmost line comes first, with the count, in any order of checking; each other has its own line."""
    text = f"quota: {{confirmed: maybe}}\n{HEAD}searches:\n  a: {{regions: UK, max_view: 9}}\n  B: {{hashtags: b}}\n"

    assert refusal(f"{text}end: x\nlooks: 0\n").split("\n") == [
        "study.yaml:1: quota.confirmed: 'maybe' is not true or false. (5 more problems in the file.)",
        "study.yaml:5: searches.a.regions: 'UK' is not a region code of the Research API; did you mean GB?",
        "study.yaml:5: searches.a.max_view: is not a key here; did you mean max_views?",
        f"study.yaml:6: searches.B: {NO_NAME}",
        "study.yaml:7: end: 'x' is not a day; write YYYY-MM-DD, for example 2026-10-01.",
        "study.yaml:8: looks: 0 is too small; use 1 or more.",
    ]


def test_the_error_has_the_facts() -> None:
    """A caller that formats its own message finds file, line, path and problem."""
    Path("study.yaml").write_text(study_text("regions: UK", "end: x\n"))
    with pytest.raises(StudyError) as refused:
        read_study(Path("study.yaml"))

    error = refused.value
    assert (error.file, error.line, error.where) == (Path("study.yaml"), 5, "searches.climate.regions")
    assert error.problem == "'UK' is not a region code of the Research API; did you mean GB?"
    assert [(problem.line, problem.where) for problem in error.problems] == [(5, error.where), (6, "end")]


KEYS = "study start searches a hashtags query and field_name keyword comments exclude file UK looks 3 true null".split()
MARKS = "# @ &x *x << !!int [ ] { } , : - ? ' \" | % \\0 \\ud800".split()
WORDS = st.sampled_from([*KEYS, *MARKS, "", "\n", "\n  ", "\n    ", ": ", "- ", "\t", "2026-10-01"])


@given(st.lists(WORDS, max_size=25).map("".join) | st.text())
@example('study: "\\ud800"')
@example("a: &b {c: *b}")
def test_any_text_is_a_study_or_a_sentence(text: str) -> None:
    """No file, however broken, shows a Python error."""
    Path("study.yaml").write_bytes((HEAD + text).encode(errors="surrogatepass"))
    message = ""
    try:
        read_study(Path("study.yaml"))
    except StudyError as error:
        message = str(error)

    assert not message or message.encode().startswith(b"study.yaml")
