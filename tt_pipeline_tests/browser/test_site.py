"""The documentation site works from a folder, without a server and without a network."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tt_pipeline_tests.labs.site.__main__ import build

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("built") / "site"
    assert build(folder) == 0
    return folder


def test_the_site_is_searched_without_a_network(site: Path, page: Page) -> None:
    """A page that is opened as a file finds words of other pages, and requests nothing from another host."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{site.as_uri()}/docs/study.html")
    page.get_by_role("button", name="Search").first.click()
    page.get_by_role("combobox").fill("fingerprint")
    page.locator("h2:visible", has_text="A search is identified by the fingerprint").wait_for()

    assert [url for url in requests if not url.startswith(("file:", "blob:", "data:"))] == []
