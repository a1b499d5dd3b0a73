"""Lays out the pages and the settings that the site is built from, in a folder of its own."""

import shutil
from pathlib import Path
from typing import Any, Final

import yaml

from tt_pipeline.warehouse.catalog.dictionary import data_dictionary
from tt_pipeline_tests.labs.site.commands import command_pages, list_of_commands

ROOT: Final = Path(__file__).parents[3]
SETTINGS: Final = ROOT / "docs" / "site.yml"
_NOT_SHOWN: Final = ("site.yml", "data-dictionary.md", "datapackage.json", "reference", "__pycache__")


def stage(folder: Path) -> None:
    """Write the pages and `mkdocs.yml` into a folder that does not exist yet.

    Afterwards the folder has `pages/`, laid out as the tree. The site is to be built into `site` beside it.
    """
    pages = folder / "pages"
    shutil.copytree(ROOT / "docs", pages / "docs", ignore=shutil.ignore_patterns(*_NOT_SHOWN))
    for file in (*ROOT.glob("*.md"), ROOT / "LICENSE", ROOT / "CITATION.cff"):
        shutil.copy(file, pages)
    _write_generated(pages / "docs")
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    settings["nav"] = [_expanded(entry, pages) for entry in settings["nav"]]
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")


def _write_generated(docs: Path) -> None:
    commands = command_pages()
    reference = docs / "reference"
    reference.mkdir()
    (reference / "README.md").write_text(list_of_commands(commands), encoding="utf-8")
    for page in commands:
        (reference / page.file).write_text(page.markdown, encoding="utf-8")
    (docs / "data-dictionary.md").write_text(data_dictionary(), encoding="utf-8")


def _expanded(entry: Any, pages: Path) -> Any:
    """An entry of the navigation; a folder becomes its README and then its other pages by name."""
    if isinstance(entry, str) and entry.endswith("/"):
        folder = pages / entry
        return sorted((f"{page.relative_to(pages)}" for page in folder.glob("*.md")), key=_readme_first)
    if isinstance(entry, dict):
        return {title: _expanded(below, pages) for title, below in entry.items()}
    return [_expanded(below, pages) for below in entry] if isinstance(entry, list) else entry


def _readme_first(page: str) -> tuple[bool, str]:
    return (not page.endswith("README.md"), page)
