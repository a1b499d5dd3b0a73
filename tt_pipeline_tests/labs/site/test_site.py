"""The site has every page, and shows each command as the command line describes it."""

from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from tt_pipeline.cli.app import app
from tt_pipeline_tests.labs.site.__main__ import build
from tt_pipeline_tests.labs.site.commands import command_pages, list_of_commands
from tt_pipeline_tests.labs.site.stage import stage


def _paths(entry: Any) -> list[str]:
    """Every page that a part of the navigation names."""
    if isinstance(entry, str):
        return [entry]
    return [path for below in (entry.values() if isinstance(entry, dict) else entry) for path in _paths(below)]


def test_every_page_is_in_the_navigation_once(tmp_path: Path) -> None:
    """A page that the navigation lacks is found by nobody, and the builder does not report an entry without a page."""
    stage(tmp_path / "staged")
    pages = tmp_path / "staged" / "pages"
    named = _paths(yaml.safe_load((tmp_path / "staged" / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
    assert sorted(named) == sorted(f"{page.relative_to(pages)}" for page in pages.rglob("*.md"))


def test_every_command_has_a_page_with_all_its_options() -> None:
    """The pages follow from the command line, so an option cannot be forgotten."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group has commands
    pages = {page.name: page.markdown for page in command_pages()}
    assert list(pages) == [name for name, command in commands.items() if not command.hidden]
    options = [
        (name, word) for name in pages for option in commands[name].params if not option.hidden for word in option.opts
    ]
    assert [(name, word) for name, word in options if word.startswith("--") and word not in pages[name]] == []


def test_every_command_is_in_the_list() -> None:
    """The list has a line and a link for each page."""
    pages = command_pages()
    listed = list_of_commands(pages)
    assert [page.file for page in pages if f"({page.file})" not in listed] == []


@pytest.mark.docs
def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    """A link that leads nowhere is an error; fonts, scripts and the search index are files of the site."""
    site = tmp_path / "site"
    assert build(site) == 0
    text = "".join(page.read_text(encoding="utf-8") for page in site.rglob("*.html"))
    assert [word for word in ('src="http', 'src="//', 'rel="stylesheet" href="http', "fonts.g") if word in text] == []
