"""Pages of other sites can neither read nor change `tt up` and the simulator on this machine; own pages can.

One Chromium, one `tt up`. The tests attack like real attacks, but with a harmless aim: a
concurrency limit in Dagster, and the quota of the simulator.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import httpx
import pytest
from playwright.sync_api import Page

from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline_tests.browser.foreign_page import ATTACK, EVIL_HOST, somebody_elses_server
from tt_pipeline_tests.journeys.daemon import Daemon, served

pytestmark = pytest.mark.browser

_LIMIT: Final = 'mutation { setConcurrencyLimit(concurrencyKey: "%s", limit: 1) }'
_LIMITS: Final = "{ instance { concurrencyLimits { concurrencyKey } } }"
_OWN: Final = """
async (query) => {
  const headers = {"Content-Type": "application/json"};
  const answer = await fetch("/graphql", {method: "POST", headers, body: JSON.stringify({query})});
  return answer.status;
}
"""


@pytest.fixture(scope="module")
def simulator() -> Iterator[tuple[Simulator, str]]:
    """A simulator and its base URL."""
    now = datetime.now(UTC)
    simulator = Simulator(World.until_yesterday(now, seed=7, days=3, videos_per_day=10), now=lambda: now)
    with running(simulator) as base_url:
        yield simulator, base_url


@pytest.fixture(scope="module")
def ui(simulator: tuple[Simulator, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """`tt up` over a study that starts today, so that nothing is due."""
    folder = tmp_path_factory.mktemp("up")
    study = folder / "study.yaml"
    study.write_text(
        f"study: Wild bees\nstart: {datetime.now(UTC):%Y-%m-%d}\nsearches: {{climate: {{hashtags: [bees]}}}}\n"
    )
    settings = Settings(
        api_base_url=simulator[1],
        client_key="sim-key",
        client_secret="sim-secret",
        data_dir=folder / "data",
        study=study,
    )
    with served(settings.as_environment(), folder / "up.log") as daemon:
        yield daemon


@pytest.fixture(params=[EVIL_HOST, "127.0.0.1", "localhost"])
def foreign(request: pytest.FixtureRequest, page: Page) -> Iterator[Page]:
    """A tab with a page of another site: of another host, and of another port of this machine."""
    with somebody_elses_server() as port:
        page.goto(f"http://{request.param}:{port}/")
        yield page


def limits(ui: Daemon) -> set[str]:
    """The concurrency limits in Dagster."""
    return {limit["concurrencyKey"] for limit in ui.ask(_LIMITS)["instance"]["concurrencyLimits"]}


def test_the_ui_shows_the_asset_graph_and_can_change_it(ui: Daemon, page: Page) -> None:
    """Pages, queries, mutations and subscriptions of the UI work."""
    with page.expect_websocket() as opened:
        page.goto(f"{ui.base_url}/locations/tt_pipeline.definitions/asset-groups/collect/lineage")
    for asset in ("climate", "comments", "users"):
        page.get_by_text(asset, exact=True).first.wait_for()
    with page.expect_response(lambda answer: "mutation Reload" in (answer.request.post_data or "")) as reloaded:
        page.get_by_text("Reload definitions").first.click()
    assert "errors" not in reloaded.value.json()
    assert not opened.value.is_closed()

    assert page.evaluate(_OWN, _LIMIT % "own") == 200
    assert "own" in limits(ui)


def test_a_page_of_another_site_cannot_use_the_ui(ui: Daemon, foreign: Page) -> None:
    """No request, form, image, frame, script or websocket of it is answered, and the mutation has no effect."""
    key = f"of {foreign.url}"
    path = f"/graphql?query={_LIMIT % key}"

    assert foreign.evaluate(ATTACK, [ui.base_url, path, "{}"]) == ""
    assert key not in limits(ui)


def test_a_page_of_another_site_cannot_read_the_ui(ui: Daemon, foreign: Page) -> None:
    """It can read neither the UI's page nor its answers."""
    assert foreign.evaluate(ATTACK, [ui.base_url, "/server_info", "{}"]) == ""


def test_a_changed_host_name_does_not_open_the_ui(ui: Daemon, page: Page) -> None:
    """After DNS rebinding, which gives the UI the other site's name, the page is a refusal."""
    port = ui.base_url.rpartition(":")[2]
    answer = page.goto(f"http://{EVIL_HOST}:{port}/")

    assert answer is not None
    assert (answer.status, answer.text()) == (
        403,
        f"Refused: {EVIL_HOST}:{port} is not a name of this server; if it should be, add it to TT_UI_HOSTS.\n",
    )
    assert page.evaluate(_OWN, _LIMIT % "rebound") == 403
    assert "rebound" not in limits(ui)


def test_a_link_of_another_site_opens_the_ui(ui: Daemon, foreign: Page) -> None:
    """A link in a chat or a wiki works."""
    foreign.set_content(f"<a href='{ui.base_url}/runs'>runs</a>")
    with foreign.expect_navigation(url=f"{ui.base_url}/runs**") as navigation:
        foreign.get_by_text("runs").click()
    assert navigation.value.status == 200


def test_a_page_of_another_site_cannot_use_the_admin_endpoints(simulator: tuple[Simulator, str], foreign: Page) -> None:
    """It neither reads the state nor changes the quota."""
    served, base_url = simulator

    assert foreign.evaluate(ATTACK, [base_url, "/_sim/state", ""]) == ""
    assert foreign.evaluate(ATTACK, [base_url, "/_sim/knobs", '{"quota_main": 1}']) == ""
    assert served.knobs == Knobs()
    assert httpx.post(f"{base_url}/_sim/knobs", json={}).status_code == 200


def test_a_changed_host_name_does_not_open_the_admin_endpoints(simulator: tuple[Simulator, str], page: Page) -> None:
    """Otherwise the page of the other site could read the truth of the simulator."""
    answer = page.goto(f"{simulator[1].replace('127.0.0.1', EVIL_HOST)}/_sim/state")
    assert answer is not None
    assert answer.status == 403
