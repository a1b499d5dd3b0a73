"""An exported notebook shows its figures without a network."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tt_pipeline.reports import study_figures, write_notebook
from tt_pipeline_tests.reports.conftest import publish_small

pytestmark = pytest.mark.browser
_WIDTHS = "[...document.images].map(image => image.naturalWidth)"


def test_an_exported_notebook_shows_its_figures_without_a_network(browser: Browser, tmp_path: Path) -> None:
    """Opened as a file where marimo's programs cannot be loaded, every figure is drawn at its width."""
    published, file = publish_small(tmp_path), tmp_path / "notebook.html"
    write_notebook(published, file)
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        page.wait_for_load_state("load")
        widths, headings = page.evaluate(_WIDTHS), page.locator("h2").all_inner_texts()

    assert headings == [each.title for each in study_figures(published)]
    assert len(widths) == len(headings) > 0
    assert min(widths) > 300
