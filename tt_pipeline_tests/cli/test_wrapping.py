"""Lines are broken between words."""

from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from tt_pipeline.cli.wrapping import wrapped


def broken(text: str, width: int, hang: int = 0) -> str:
    """The text in lines of this width."""
    return wrapped(Text(text), width, hang=hang).plain


def test_a_line_is_broken_before_the_word_that_does_not_fit() -> None:
    """A line that fits exactly is left alone; line ends and empty lines stay."""
    assert broken("one two three\n\nfour", 7) == "one two\nthree\n\nfour"


def test_further_lines_are_indented() -> None:
    """The indent is in addition to that of the first line."""
    assert broken("- one two three", 8, hang=2) == "- one\n  two\n  three"
    assert broken("  one two three", 9, hang=1) == "  one two\n   three"


def test_a_path_is_not_broken() -> None:
    """A word that is wider than the screen stays whole, so that it can be copied."""
    assert broken("see /a/very/long/path now", 8) == "see\n/a/very/long/path\nnow"


def test_a_command_is_not_broken() -> None:
    """A command between backticks can be copied, also one that is wider than the screen."""
    assert broken("run `tt plan --json`, then go", 18) == "run\n`tt plan --json`,\nthen go"
    assert broken("go: `export TT_DATA_DIR=/a/folder`.", 12) == "go:\n`export TT_DATA_DIR=/a/folder`."
    assert broken("an odd ` is a word", 8) == "an odd `\nis a\nword"


def test_a_path_that_fits_without_its_indent_is_not_indented_so_far() -> None:
    """It is whole on its own line."""
    assert broken("page  /a/long/path next", 12, hang=6) == "page\n/a/long/path\n      next"


def test_wide_characters_take_two_columns() -> None:
    """Chinese and Japanese characters and emoji are counted as the terminal shows them."""
    assert broken("漢字 漢字 漢字", 9) == "漢字 漢字\n漢字"


def test_an_indent_that_leaves_no_room_is_left_out() -> None:
    """On a very narrow screen the texts begin at its edge."""
    assert broken("name one two", 8, hang=5) == "name one\ntwo"


@given(st.text(alphabet="ab \n漢", max_size=60), st.integers(1, 30), st.integers(0, 6))
def test_no_word_is_lost_or_changed(text: str, width: int, hang: int) -> None:
    """Only spaces and line ends differ."""
    assert broken(text, width, hang).split() == text.split()
