"""The studies of the cookbook find something, and cost and answer what their pages say; `make pages` writes them."""

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tt_pipeline_tests.documents.blocks import blocks
from tt_pipeline_tests.labs.shown.cookbook import LIST, PAGES, Ran, listed, ran

SECTIONS = ["What it costs", "What the data says", "What you must not conclude", "How to report it"]


@cache
def _ran(page: Path) -> Ran:
    with TemporaryDirectory() as folder:
        return ran(page.read_text(encoding="utf-8"), Path(folder))


@pytest.mark.docs
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_study_has_the_plan_and_the_answers_that_its_page_shows(page: Path) -> None:
    """Collected again in an empty folder, the plan and every query print the same, and each query has rows."""
    shown = page.read_text(encoding="utf-8")
    assert _ran(page).text == shown
    assert "\n0 rows" not in shown


@pytest.mark.docs
def test_the_list_has_every_study_with_its_price() -> None:
    """The prices are those of the plans on the pages."""
    assert listed({page: _ran(page) for page in PAGES}) == LIST.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_every_part(page: Path) -> None:
    """A study without its price, its queries or its caveats would be copied without them."""
    headings = re.findall(r"^## (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    languages = [block.language for block in blocks(page)]
    assert [heading for heading in headings if heading in SECTIONS] == SECTIONS
    assert (languages.count("yaml"), languages.count("sql") in {2, 3}) == (1, True)


def test_no_page_is_left_out() -> None:
    """A page that is not in the order of the list would be run by nobody."""
    assert {*LIST.parent.glob("*.md")} == {LIST, *PAGES}
