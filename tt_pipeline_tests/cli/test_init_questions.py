"""`tt init` asks on a terminal, checks each answer, and writes only after the last one."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tt_pipeline.studies import STUDY_TEMPLATE, Study, read_study, sentence
from tt_pipeline_tests.cli.builders import run

_INTERRUPT = "\x03"


class _Keyboard:
    """A terminal on which these lines are typed."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = iter(lines)

    def isatty(self) -> bool:
        return True

    def readline(self, _size: int = -1) -> str:
        """The next line; "" at the end of the input, as for a file."""
        line = next(self._lines, None)
        if line == _INTERRUPT:
            raise KeyboardInterrupt
        return "" if line is None else f"{line}\n"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[str]], None]:
    """Types lines on a terminal, in 2026."""
    monkeypatch.setenv("TT_CLOCK", "2026-11-20T12:00:00@1")
    monkeypatch.setenv("TERM", "dumb")

    def type_lines(lines: Sequence[str]) -> None:
        monkeypatch.setattr(sys, "stdin", _Keyboard(lines))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    return type_lines


def study() -> Study:
    """The study that was written."""
    return read_study(Path("data", "study.yaml"))


def in_one_line(text: str) -> str:
    """The text without the line ends that a narrow terminal needs."""
    return " ".join(text.split())


ALL = ["Heat pumps: yes", "2026-10-01", "2026-10-31", "heat pump, #Wärmepumpe", "@nasa", "de, AT", "no"]


def test_the_answers_become_a_commented_study(
    typed: Callable[[Sequence[str]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence and both prices are shown before the last question."""
    typed(ALL)

    assert run("init") == 0

    written, output = study(), in_one_line(capsys.readouterr().out)
    (search,) = written.searches
    assert (written.title, f"{written.first_day}", f"{written.last_day}") == ("Heat pumps: yes", *ALL[1:3])
    assert (search.name, written.comments.wanted, written.quota.confirmed) == ("heat_pump", False, False)
    assert "# Comments take nearly all requests" in Path("data", "study.yaml").read_text()
    before, _, after = output.partition("Collect comments too, yes or no [yes]: ")
    assert f"This study collects {sentence(search)}." in before
    assert "are by nasa and are from DE or AT" in before
    assert "With comments it needs about " in before
    assert "Without them it needs about " in before
    assert "data/study.yaml written." in after


def test_return_takes_the_usual_answers(typed: Callable[[Sequence[str]], None]) -> None:
    """Only a word or an account must be typed."""
    typed(["", "", "", "heat", "", "", ""])

    assert run("init") == 0
    assert (study().title, f"{study().first_day}", study().last_day) == ("My study", "2026-10-21", None)
    assert (study().searches[0].name, study().comments.wanted) == ("heat", True)


PROBLEMS = (
    "'1.10.2026' is not a day",
    "2026-10-01 is before start 2026-10-02",
    "a study needs --words or --accounts",
    "'UK' is not a region code of the Research API; did you mean GB?",
    "is neither yes nor no",
)


def test_an_illegal_answer_is_asked_for_again(
    typed: Callable[[Sequence[str]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason is that of `tt check`."""
    typed(["T", "1.10.2026", "2026-10-02", "2026-10-01", "2026-10-03", "", "", "nasa", "UK", "GB", "perhaps", "yes"])

    assert run("init") == 0
    shown = in_one_line(capsys.readouterr().out)
    positions = [shown.find(words) for words in PROBLEMS]
    assert (positions, -1 in positions) == (sorted(positions), False)
    assert (f"{study().first_day}", f"{study().last_day}") == ("2026-10-02", "2026-10-03")


@pytest.mark.parametrize("lines", [ALL[:4], [*ALL[:4], _INTERRUPT]], ids=["end of input", "Ctrl-C"])
def test_nothing_is_written_before_the_last_answer(
    typed: Callable[[Sequence[str]], None], tmp_path: Path, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the study nor the .env is half done."""
    typed(lines)

    assert run("init") == (130 if _INTERRUPT in lines else 2)
    assert "Nothing was written." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_with_options_nothing_is_asked(typed: Callable[[Sequence[str]], None]) -> None:
    """Whoever pastes a page's commands into a terminal would answer questions with the next commands."""
    typed([])

    assert run("init", "--words", "heat", "--no-comments", "--from", "2026-10-01") == 0
    assert (study().last_day, study().comments.wanted) == (None, False)


def test_without_a_terminal_options_are_enough(capsys: pytest.CaptureFixture[str]) -> None:
    """A script writes a study without any question; it is shown what the study means and costs."""
    assert run("init", "--words", "heat,#heat", "--to", "2099-01-01") == 0
    shown = capsys.readouterr().out
    assert "This study collects videos that have heat in their text or hashtags." in shown
    assert "With comments it needs about" in shown
    assert f"{study().last_day}" == "2099-01-01"


def test_without_a_terminal_and_options_the_example_is_written() -> None:
    """As before there were questions."""
    assert run("init") == 0
    assert Path("data", "study.yaml").read_text().partition("\n")[2] == STUDY_TEMPLATE


WRONG = {
    (
        "--title",
        "x",
    ): "--accounts '': a study needs --words or --accounts, because otherwise nearly every video matches.",
    ("--words", "heat", "--from", "yesterday"): (
        "--from 'yesterday': 'yesterday' is not a day; write YYYY-MM-DD, for example 2026-10-01."
    ),
    ("--words", "a b,#a b"): "--words 'a b,#a b': 'a b' contains a space; a hashtag is one word.",
    ("--words", "heat", "--title", " "): "--title ' ': ",
    (
        "--words",
        "heat",
        "--countries",
        "XX",
    ): "--countries 'XX': 'XX' is not a region code of the Research API; use",
}


@pytest.mark.parametrize(("options", "message"), WRONG.items(), ids=[" ".join(options) for options in WRONG])
def test_a_wrong_option_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: Sequence[str], message: str
) -> None:
    """The message has the option."""
    assert run("init", *options) == 2
    error = capsys.readouterr().err
    assert error.startswith(message)
    assert error.endswith("Nothing was written.\n")
    assert list(tmp_path.iterdir()) == []


def test_words_that_yaml_reads_otherwise_are_quoted() -> None:
    """Titles and words with quotation marks, colons and YAML's own words come back as they were typed."""
    words = ["no", "null", 'say "hi"', "a: b", "007", "- x", "{x}", "Ünïcode", "it's", "\\n"]
    assert run("init", "--title", '"A": #1', "--words", ",".join(words), "--countries", "NO") == 0

    keywords, regions = study().searches[0].query.any_of or study().searches[0].query.all_of[:1], "NO"
    assert [list(condition.values) for condition in keywords] == [words]
    assert (study().title, regions in f"{study().searches[0].query}") == ('"A": #1', True)


def test_the_schema_lies_beside_the_study(tmp_path: Path) -> None:
    """The first line of the study leads editors to it, also where TT_STUDY is elsewhere."""
    os.environ["TT_STUDY"] = "studies/climate.yaml"
    assert run("init") == 0

    first_line = Path("studies", "climate.yaml").read_text().splitlines()[0]
    named = first_line.removeprefix("# yaml-language-server: $schema=")
    schema = json.loads(Path("studies", named).read_text())
    assert schema["title"] == "A study of tt_pipeline"
    assert (tmp_path / "studies" / named).stat().st_mode & 0o777 == 0o600


def test_the_schema_can_be_written_again(capsys: pytest.CaptureFixture[str]) -> None:
    """After an update; the study is left as it is."""
    Path("data").mkdir()
    Path("data", "study.yaml").write_text("mine")
    Path("data", "study.schema.json").write_text("old")

    assert run("init", "--schema") == 0
    assert Path("data", "study.yaml").read_text() == "mine"
    assert "properties" in json.loads(Path("data", "study.schema.json").read_text())
    assert not Path(".env").exists()
    assert "# yaml-language-server: $schema=study.schema.json" in capsys.readouterr().out
