"""Output is readable on every terminal, never fails, and is never interpreted as markup."""

import ast
import io
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

import tt_pipeline
from tt_pipeline.cli.app import app
from tt_pipeline.cli.console import PLAIN, problem, replace_unprintable, say
from tt_pipeline.coverage.source import replace_source
from tt_pipeline.data_dir import DataDir
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.warehouse.builders import CLOCK, land, load, page, video

TITLE: Final = "Klima [/talk] :x: [bold]b[/bold] \U0001f30d \u202e"
STUDY: Final = f"""\
study: '{TITLE}'
start: 2026-11-01
searches:
  climate: {{hashtags: [climate, klima]}}
"""
SERVER: Final = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data dir with a published video whose texts look like markup and terminal commands."""
    folder = tmp_path_factory.mktemp("published") / "data"
    files = DataDir(folder)
    load(
        files.writer,
        [land(files.landing, [page(video(1, video_description="[bold]hot[/] :fire: \x1b[2J \U0001f525"))])],
    )
    publish_file(files.writer, files.published, CLOCK)
    replace_source(files, SERVER)
    (folder / "study.yaml").write_text(STUDY)
    return folder


@pytest.fixture
def environment(published: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of this data dir, also for a child process."""
    for name, value in {
        "TT_API_BASE_URL": SERVER,
        "TT_CLIENT_KEY": "sim-key",
        "TT_CLIENT_SECRET": "sim-secret",
        "TT_DATA_DIR": str(published),
        "TT_CLOCK": "2026-11-06T12:00:00+00:00@1",
    }.items():
        monkeypatch.setenv(name, value)
    return dict(os.environ)


Printed = Callable[..., str]


@pytest.fixture
def printed(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Printed:
    """Run a command on a terminal with an encoding; returns its output."""
    assert environment

    def show(*command: str, encoding: str) -> str:
        terminal = io.BytesIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", io.TextIOWrapper(terminal, encoding=encoding))
            patch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
            assert run(*command) == 0
            sys.stdout.flush()
            return terminal.getvalue().decode(encoding)

    return show


def days_and_legend(output: str) -> list[str]:
    """The days of the search, and the two lines that explain their marks; comments and users stand between them."""
    lines = output.splitlines()
    days = [line for line in lines if line.startswith("climate ")]
    legend = next(number for number, line in enumerate(lines) if " complete  " in line)
    return [*days[-1:], *lines[legend : legend + 2]]


def test_the_marks_of_status_on_an_ascii_terminal(printed: Printed) -> None:
    """Each mark is a different character, explained in the legend; only suspicious days have a question mark."""
    output = printed("status", encoding="ascii")

    assert days_and_legend(output) == [
        "climate  ...    0 of 3 days",
        "# complete  c capped  e early  = paused  p partial  o query was edited",
        "x unavailable  ? no videos found, doubtful  . never asked",
    ]


def test_the_marks_of_status_on_a_windows_terminal(printed: Printed) -> None:
    """Characters of the encoding are unchanged, in the table and in the legend."""
    output = printed("status", encoding="cp1252")

    assert days_and_legend(output) == [
        "climate  ···    0 of 3 days",
        "# complete  c capped  e early  = paused  p partial  o query was edited",
        "x unavailable  ? no videos found, doubtful  · never asked",
    ]


@pytest.mark.parametrize("command", ["plan", "doctor", "check", "describe"])
def test_only_texts_of_others_have_question_marks(printed: Printed, command: str) -> None:
    """Ranges, times and our own marks stay readable; an emoji in the study does not end the command."""
    of_others = TITLE.encode("ascii", errors="replace").count(b"?") if command in {"plan", "check"} else 0

    own = printed(command, encoding="utf-8").count("?")
    assert printed(command, encoding="ascii").count("?") == own + of_others


def signs(file: Path) -> Iterator[str]:
    """The characters beyond ASCII in the texts of a module, without its docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node.body[0] for node in ast.walk(tree) if isinstance(node, documented)]
    docstrings = {id(first.value) for first in nodes if isinstance(first, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from (sign for sign in node.value if not sign.isascii())


def test_every_sign_of_ours_has_a_plain_form() -> None:
    """Every printed character is readable on a terminal that lacks it."""
    package = Path(tt_pipeline.__file__).parent
    files = [*package.joinpath("cli").rglob("*.py"), package / "errors.py", package / "settings.py"]
    found = {sign for file in files for sign in signs(file)}

    assert {"✓", "…", "–", "●"} <= found
    assert {sign for sign in found - PLAIN.keys() if sign.isprintable()} == set()


def test_the_marks_of_status_stay_different() -> None:
    """No two marks become one on an ASCII terminal."""
    plain = [PLAIN[mark] for mark in "●◐◑◒‖○✗·"]

    assert sorted({*plain, "?"}) == sorted([*plain, "?"])
    assert {len(mark) for mark in plain} == {1}


def test_a_line_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Markup and emoji names in a text are printed, not interpreted."""
    say(TITLE)
    problem(TITLE)

    assert capsys.readouterr() == (f"{TITLE}\n", f"{TITLE}\n")


@pytest.mark.parametrize("columns", ["20", "80"])
def test_texts_of_others_are_not_markup(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: str
) -> None:
    """Brackets, emoji names and terminal commands in a study or a video are printed or removed, not interpreted."""
    assert environment
    monkeypatch.setenv("COLUMNS", columns)
    assert [run("status"), run("plan"), run("check")] == [0, 0, 0]
    assert capsys.readouterr().out.count(TITLE) == 3

    assert run("sql", "select description as d from core.videos") == 0
    output = capsys.readouterr().out
    assert ("[bold]hot[/] :fire:" in " ".join(output.split()), "\x1b" in output) == (True, False)


@pytest.mark.parametrize(
    "words", [("[/x]",), ("sql", "[/x]"), ("describe", "[/x]"), ("plan", "--videos-per-day", "[/x]=9")]
)
def test_words_of_a_command_are_not_markup(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """A wrong option is repeated as it was typed."""
    assert environment
    assert run(*words) == 2
    assert "[/x]" in capsys.readouterr().err


def tt(environment: dict[str, str], *command: str, python: Sequence[str] = ()) -> tuple[int, str, str]:
    """Run a command in a separate process: exit code, stdout, stderr."""
    ended = subprocess.run(
        [sys.executable, *python, "-m", "tt_pipeline.cli", *command],
        env=environment,
        capture_output=True,
        check=False,
    )
    return ended.returncode, ended.stdout.decode("utf-8", "replace"), ended.stderr.decode("utf-8", "replace")


TERMINALS = {
    "ascii": {"PYTHONIOENCODING": "ascii:strict"},
    "without UTF-8": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "unknown": {"LC_ALL": "xx_XX.unknown", "TERM": "dumb", "NO_COLOR": "1"},
    "narrow": {"COLUMNS": "20", "LINES": "0"},
    "no width": {"COLUMNS": "0"},
}


@pytest.mark.parametrize("variables", TERMINALS.values(), ids=TERMINALS)
def test_every_terminal_shows_the_status(environment: dict[str, str], variables: dict[str, str]) -> None:
    """With any terminal and locale the command works and its legend is readable."""
    code, output, problems = tt(environment | variables, "status")

    assert (code, problems) == (0, "")
    assert ("complete" in output, "never asked" in output) == (True, True)


@pytest.mark.parametrize("command", [("status",), ("plan",), ("sql", "from marts.videos")], ids=" ".join)
def test_the_commands_cause_no_warning(environment: dict[str, str], command: tuple[str, ...]) -> None:
    """In Python's development mode with warnings as errors, no file stays open and no deprecated function is used."""
    code, _, problems = tt(environment, *command, python=("-X", "dev", "-W", "error"))

    assert (code, problems) == (0, "")


BROKEN = [
    "status | true",
    "describe | head -1",
    'sql --csv "from range(200000)" | head -1',
    'sql "from range(90)" | true',
]


@pytest.mark.parametrize("command", BROKEN)
def test_a_reader_that_stops_reading_is_not_a_failure(environment: dict[str, str], command: str) -> None:
    """The command ends without a message and with its own exit code, as other tools do."""
    script = f'"{sys.executable}" -m tt_pipeline.cli {command} >/dev/null; echo "${{PIPESTATUS[0]}}"'
    ended = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)

    assert (ended.stdout, ended.stderr) == ("0\n", "")


def test_a_closed_output_is_not_a_failure(environment: dict[str, str]) -> None:
    """A command works without stdout or stderr, as under some services."""
    script = f'"{sys.executable}" -m tt_pipeline.cli status >&- 2>&-; echo $?'
    ended = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)

    assert (ended.stdout, ended.stderr) == ("0\n", "")


def test_unknown_signs_become_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A character without a plain form, and half of one, is replaced."""
    terminal = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(terminal, encoding="ascii"))
    replace_unprintable()
    say("1 – 2 … \U0001f525 \ud83d ✓")
    sys.stdout.flush()

    assert terminal.getvalue() == b"1 - 2 ... ? ? ok\n"


def test_a_fault_of_ours_keeps_its_trace_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The user sees one sentence with the name of a file, which only its owner can read; the exit code is 1."""

    def break_down() -> None:
        raise LookupError("[/x]")

    monkeypatch.setattr(app, "registered_commands", [*app.registered_commands])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    app.command("break-down")(break_down)

    assert run("break-down") == 1
    (file,) = tmp_path.glob("tt-fault-*.txt")
    assert " ".join(capsys.readouterr().err.split()) == (
        "This is a fault of tt_pipeline (LookupError: [/x]). Landed pages are kept. Please report it with the file "
        f"{file}, after removing from it what must not be public."
    )
    assert ("in break_down" in file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (True, 0o600)
