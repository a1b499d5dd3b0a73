"""The help of every command reads in whole lines."""

import pytest
import typer.main

from tt_pipeline.cli.app import app

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # the application is a group


@pytest.mark.parametrize("name", COMMANDS)
def test_a_paragraph_of_the_help_is_one_line(name: str) -> None:
    """Typer keeps line ends within a paragraph, and on 80 columns each line of a docstring would be torn."""
    paragraphs = COMMANDS[name].help.split("\n\n")

    assert [paragraph for paragraph in paragraphs if "\n" in paragraph] == []
