"""What somebody at the prompt of `tt sql` can type without SQL."""

import pytest

from tt_pipeline.cli.dot_commands import dot_command


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (".schema marts.videos;", [".schema", "marts.videos"]),
        ("help", [".help"]),
        ("Quit;", [".quit"]),
        (" exit ", [".quit"]),
        (".exit", [".quit"]),
        ("from help", []),
        ("help me", []),
        ("", []),
    ],
)
def test_help_and_quit_need_no_dot(text: str, words: list[str]) -> None:
    """They would be no SQL, and the prompt would wait for a semicolon."""
    assert dot_command(text) == words
