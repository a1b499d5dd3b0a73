"""Report, passport and comparison in a browser: two widths, light and dark, for everybody, and without requests."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tt_pipeline.reports import write_comparison, write_passport, write_report
from tt_pipeline_tests.contract.shared_server import SharedServer
from tt_pipeline_tests.journeys.messy_study import collect_messy

pytestmark = pytest.mark.browser

NAMES = ("report", "passport", "comparison")


@pytest.fixture(scope="module")
def pages(server: tuple[SharedServer, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the pages of a study that has something for every part."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "study").mkdir()
    messy = collect_messy(server, folder / "study")
    write_report(messy.published, folder / "report.html")
    write_passport(messy.published, folder / "passport.html")
    write_comparison(messy.published, f"{messy.earlier}", folder / "comparison.html")
    return folder


def faults_of(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with the first element that has it."""
    return [
        f"{each['id']}: {each['nodes'][0]['target']} and {len(each['nodes']) - 1} more"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_can_be_read_by_everybody(width: int, scheme: str, name: str, browser: Browser, pages: Path) -> None:
    """No console message, request or sideways scrolling, closed or opened; axe-core finds nothing serious."""
    with browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme="dark" if scheme == "dark" else "light"
    ) as context:
        page, requests, complaints = context.new_page(), list[str](), list[str]()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(f"{error}"))
        address = (pages / f"{name}.html").as_uri()
        page.goto(address)
        for are_open in (False, True):
            page.evaluate(f"document.querySelectorAll('details').forEach((each) => {{ each.open = {are_open:d} > 0 }})")
            assert page.evaluate("document.documentElement.scrollWidth") == width
        assert faults_of(page) == []
        assert requests == [address]
        assert complaints == []


def test_every_figure_has_a_text_and_a_table(browser: Browser, pages: Path) -> None:
    """At each width one drawing is shown, with a text in its place, a caption, and its data behind it."""
    for width in (390, 1440):
        with browser.new_context(viewport={"width": width, "height": 844}) as context:
            page = context.new_page()
            for name, figures in (("report", 25), ("comparison", 1)):
                page.goto((pages / f"{name}.html").as_uri())
                assert page.locator("figure").count() == figures
                for figure in page.locator("figure").all():
                    drawn = figure.get_by_role("img")
                    expect(drawn).to_have_count(1)
                    assert len(drawn.get_attribute("aria-label") or "") > 40
                    expect(figure.locator("figcaption")).to_contain_text("n = ")
                    table = figure.locator("xpath=following-sibling::details[1]").locator("table")
                    assert table.locator("tbody tr").count() > 0


def test_a_page_is_whole_without_scripts(browser: Browser, pages: Path) -> None:
    """Details open, links lead into the page, and a CSV is in its link."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((pages / "report.html").as_uri())
        page.get_by_role("link", name="Which days are complete").click()
        expect(page.locator("#coverage")).to_be_in_viewport()
        part = page.locator("#coverage details").first
        expect(part.locator("table")).to_be_hidden()
        part.locator("summary").click()
        expect(part.locator("table")).to_be_visible()
        assert (part.get_by_role("link").get_attribute("href") or "").startswith("data:text/csv;")
