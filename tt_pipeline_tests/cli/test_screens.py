"""What a narrow terminal, a wide one and a pipe show of the same output."""

from io import StringIO

import pytest
from rich import box
from rich.table import Table

from tt_pipeline.cli.app import _obeying_plain
from tt_pipeline.cli.console import Screen
from tt_pipeline.cli.fitting import show_table

SENTENCE = "Landed pages are kept; run the command again."


def screen(columns: int, *, is_terminal: bool = True) -> Screen:
    """A screen of this width without colours, or a pipe."""
    return Screen(file=StringIO(), force_terminal=is_terminal, width=columns, color_system=None)


def shown(on: Screen) -> list[str]:
    """The lines that were printed."""
    assert isinstance(on.file, StringIO)
    return [line.rstrip() for line in on.file.getvalue().splitlines()]


def test_a_sentence_is_broken_between_words_on_a_terminal_alone() -> None:
    """A pipe gets the whole line, whatever width the variables name."""
    terminal, pipe, plain = screen(24), screen(24, is_terminal=False), screen(24)
    plain.become_plain()
    for each in (terminal, pipe, plain):
        each.print(SENTENCE, hang=2)

    assert shown(terminal) == ["Landed pages are kept;", "  run the command again."]
    assert shown(pipe) == shown(plain) == [SENTENCE]


def test_what_is_copied_is_not_broken() -> None:
    """A command stays one line, which the terminal itself breaks."""
    terminal = screen(24)
    terminal.print(SENTENCE, soft_wrap=True)

    assert shown(terminal) == [SENTENCE]


def prices() -> Table:
    """A table in which a header occurs twice."""
    table = Table("Requests", "range", "total", "range", box=box.SIMPLE_HEAD, show_edge=False)
    table.add_row("comments", "1 to 2", "3,130", "2,340 to 4,200")
    return table


@pytest.mark.parametrize(
    ("columns", "head", "note"),
    [
        (60, ["Requests", "range", "total", "range"], []),
        (40, ["Requests", "total", "range"], ["Not shown on a screen of 40 columns:", "range of Requests."]),
        (25, ["Requests", "total"], ["Not shown on a screen of", "25 columns: range of", "Requests, range."]),
    ],
)
def test_a_table_leaves_columns_out_before_it_breaks_words(columns: int, head: list[str], note: list[str]) -> None:
    """The first column of the named header goes first, and the note says so."""
    on = screen(columns)
    show_table(prices(), may_go=["range", "range"], screen=on)

    first, _, row, *rest = shown(on)
    assert (first.split(), row.split()[0], rest) == (head, "comments", note)


def test_a_pipe_gets_every_column() -> None:
    """It has no edge."""
    on = screen(20, is_terminal=False)
    show_table(prices(), may_go=["range", "range"], screen=on)

    assert shown(on)[0].split() == ["Requests", "range", "total", "range"]


@pytest.mark.parametrize(
    ("words", "others"),
    [
        (["status"], ["status"]),
        (["sql", "select 1", "--csv"], ["sql", "select 1", "--csv"]),
        (["sql", "--", "--plain"], ["sql", "--", "--plain"]),
    ],
)
def test_words_are_passed_on(words: list[str], others: list[str]) -> None:
    """After -- a word is no option."""
    assert _obeying_plain(words) == others
