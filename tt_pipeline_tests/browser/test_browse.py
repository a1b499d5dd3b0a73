"""`tt browse` in a browser: at two widths, in light and dark, without scripts, and attacked by pages of other sites."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tt_pipeline_tests.browse.published import LONG_NAME, MARKUP, PLAIN, pages_of, publish_odd
from tt_pipeline_tests.browser.foreign_page import ATTACK, EVIL_HOST, somebody_elses_server
from tt_pipeline_tests.warehouse.builders import snowflake

pytestmark = pytest.mark.browser

_ADDRESSES: Final = (
    "/",
    "/table/marts.videos?search=a&column=view_count&condition=present&value=&sort=view_count",
    "/table/ops.publish_info",
    f"/row/marts.videos?video_id={snowflake(1)}",
    f"/row/marts.videos?video_id={snowflake(50)}",
    "/days/marts.videos?by=created_date",
    "/sql",
)
_CONTRAST: Final = """
() => {
  const channels = (colour) => (colour.match(/[0-9.]+/g) || []).map(Number);
  const light = (colour) => {
    const [r, g, b] = channels(colour).slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (channels(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${element.tagName} ${element.className} ${ratio}`);
  }
  return faint;
}
"""
"""Texts whose contrast with what is behind them is less than WCAG AA wants."""
_NAMELESS: Final = """
() => {
  const used = "a, button, input:not([type=hidden]), select, textarea, summary, [role=region], svg";
  const named = (element) => element.textContent.trim() || element.getAttribute("aria-label")
    || element.getAttribute("aria-labelledby") || (element.labels || []).length;
  return [...document.querySelectorAll(used)].filter((element) => !named(element)).map((element) => element.outerHTML);
}
"""
"""What can be used, and has no name for those who do not see it."""


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages of a published file with odd texts."""
    with pages_of(publish_odd(tmp_path_factory.mktemp("browsed") / "data")) as client:
        yield str(client.base_url)


@dataclass(slots=True)
class Watched:
    """A tab, and what it requested and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_are_readable_and_stay_on_this_machine(width: int, scheme: str, browser: Browser, base_url: str) -> None:
    """No sideways scrolling, faint text, nameless control, console message or request to another host."""
    with browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme="dark" if scheme == "dark" else "light"
    ) as context:
        tab = Watched(context.new_page())
        for address in _ADDRESSES:
            tab.page.goto(f"{base_url}{address}")
            assert (tab.page.evaluate("document.documentElement.scrollWidth"), address) == (width, address)
            assert (tab.page.evaluate(_CONTRAST), address) == ([], address)
            assert (tab.page.evaluate(_NAMELESS), address) == ([], address)
            assert tab.page.locator("h1").count() == 1
        assert [url for url in tab.requests if not url.startswith(base_url)] == []
        assert tab.complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_finds_a_row_and_where_it_came_from(scripts: bool, browser: Browser, base_url: str) -> None:  # noqa: FBT001 — a parameter of the test
    """Search, filter, sort, page, open, trace and query work, with scripts and without."""
    with browser.new_context(java_script_enabled=scripts) as context:
        page = context.new_page()
        page.goto(base_url)
        page.get_by_role("link", name="marts.videos").first.click()
        page.get_by_role("link", name="Next").click()
        expect(page.get_by_text("Rows 51 to 100 of")).to_be_visible()
        page.get_by_label("Search all columns").fill("creator_1")
        page.get_by_role("button", name="Search").click()
        page.get_by_label("Column", exact=True).select_option("view_count")
        page.get_by_label("Condition", exact=True).select_option("at least")
        page.get_by_label("Value", exact=True).fill("105")
        page.get_by_role("button", name="Add filter").click()
        page.get_by_role("link", name="view_count", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text(f"of {PLAIN - 5 - 20}, sorted by view_count upwards.")
        page.get_by_role("link", name="Open row 1", exact=True).click()
        expect(page.get_by_role("link", name="Account @creator_105 on TikTok")).to_be_visible()
        page.get_by_role("button", name="Trace @creator_105").click()
        expect(page.get_by_role("heading", name="Stored in")).to_be_visible()
        page.get_by_role("link", name="SQL").click()
        page.get_by_label("One query that reads").fill("select count(*) as n from core.videos")
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_role("status")).to_have_text("1 row.")
        page.get_by_label("One query that reads").fill("attach 'x'")
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_role("alert")).to_contain_text("This page only reads: ATTACH is not a query.")


def test_a_running_query_can_be_cancelled(browser: Browser, base_url: str) -> None:
    """Cancel brings the box back at once."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{base_url}/sql")
        page.get_by_label("One query that reads").fill("select count(*) from range(100000000000) where range % 7 = 1")
        expect(page.get_by_role("link", name="Cancel")).to_be_hidden()
        page.get_by_role("button", name="Run").focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(500)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # on Cancel; a click of playwright would wait for the answer
        expect(page.get_by_label("One query that reads")).to_have_value("from marts.videos")
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
        page.goto(f"{base_url}/table/core.videos")
        expect(page.get_by_role("status")).to_contain_text("Rows 1 to 50")


def test_the_keyboard_is_enough(page: Page, base_url: str) -> None:
    """The first stop leads to the content; the table can be scrolled; every stop is visible."""
    page.goto(f"{base_url}/table/marts.videos")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search all columns")).to_be_focused()
    region = page.get_by_role("region", name="Rows of marts.videos")
    region.focus()
    assert region.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"


def test_a_link_to_tiktok_tells_nothing(browser: Browser, base_url: str) -> None:
    """It opens a tab of its own, without a referrer and without access to ours."""
    with browser.new_context() as context:
        context.route("https://www.tiktok.com/**", lambda route: route.fulfill(body="<h1>there</h1>"))
        page = context.new_page()
        page.goto(f"{base_url}/row/marts.videos?video_id={snowflake(50)}")
        with context.expect_page() as opened:
            page.get_by_role("link", name=f"Account @{LONG_NAME}").click()
        opened.value.wait_for_load_state()
        assert opened.value.evaluate("[document.referrer, window.opener === null, location.href]") == [
            "",
            True,
            f"https://www.tiktok.com/@{LONG_NAME}",
        ]


def test_texts_run_no_script(page: Page, base_url: str) -> None:
    """Markup in a text is shown; no dialog opens and no image is loaded."""
    tab = Watched(page)
    page.goto(f"{base_url}/row/marts.videos?video_id={snowflake(1)}")
    expect(page.get_by_text(MARKUP, exact=True).first).to_be_visible()
    assert page.locator("img").count() == 0
    assert (tab.complaints, [url for url in tab.requests if not url.startswith(base_url)]) == ([], [])


@pytest.mark.parametrize("host", [EVIL_HOST, "127.0.0.1", "localhost"])
@pytest.mark.parametrize("path", ["/table/marts.videos", "/sql", "/trace"])
def test_a_page_of_another_site_reads_nothing(path: str, host: str, page: Page, base_url: str) -> None:
    """No request, form, image, frame, script or websocket of it is answered."""
    with somebody_elses_server() as port:
        page.goto(f"http://{host}:{port}/")
        assert page.evaluate(ATTACK, [base_url, path, "query=select+1"]) == ""


def test_a_changed_host_name_shows_nothing(page: Page, base_url: str) -> None:
    """After DNS rebinding the page is a refusal."""
    answer = page.goto(f"http://{EVIL_HOST}:{base_url.rpartition(':')[2]}/table/marts.videos")
    assert answer is not None
    assert answer.status == 403
    assert answer.text().startswith(f"Refused: {EVIL_HOST}")
