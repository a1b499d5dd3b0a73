"""A morning with Dagster's UI: what a person sees on each page, a backfill with its price, and an edit of the study.

One data dir, collected by `tt collect`, and one `tt up`. What takes Dagster half a minute is begun first, and looked at
last: a backfill of one search, and an edit of the other one. At the end the quota is too small for a backfill, and
`tt up` is started again the next day.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tt_pipeline.coverage import open_workspace
from tt_pipeline.simulator import Knobs
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place, make_place
from tt_pipeline_tests.journeys.daemon import Daemon, Run, served

pytestmark = pytest.mark.browser

_COLLECT: Final = ("collect", "--from", f"{FIRST_DAY}", "--to", f"{LAST_DAY}", "--yes")
_SOON_MS: Final = 30_000
_A_LOOP_MS: Final = 90_000
"""Dagster looks for new backfills every 30 seconds, and so does the sensor for edits."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A data dir whose days are collected; every later edit waits for a yes."""
    for place in make_place(tmp_path_factory.mktemp("morning"), Knobs()):
        edit(place, "quota: {", "quota: {confirm_above: 0, ")
        collect(place)
        yield place


def collect(place: Place) -> None:
    """Run `tt collect` over all days."""
    command = [sys.executable, "-m", "tt_pipeline.cli", *_COLLECT]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TT_", "DAGSTER_"))}
    subprocess.run(command, env=inherited | place.environment(), check=True, capture_output=True)


def edit(place: Place, old: str, new: str) -> None:
    """Change the study."""
    text = place.settings.study_file.read_text()
    assert old in text
    place.settings.study_file.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `tt up` says."""
    return tmp_path_factory.mktemp("log") / "up.log"


@pytest.fixture(scope="module")
def day() -> Iterator[ExitStack]:
    """Closing it stops `tt up`."""
    with ExitStack() as day:
        yield day


@pytest.fixture(scope="module")
def ui(place: Place, browser: Browser, log: Path, day: ExitStack) -> Daemon:
    """`tt up`, in which a backfill of the search football was launched; then the query of climate was edited."""
    daemon = day.enter_context(served(place.environment(), log))
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{daemon.base_url}/assets/videos/climate?view=partitions")
        expect(page.get_by_text("Materialized (6)")).to_be_visible(timeout=_SOON_MS)
        launch_backfill(page, f"{daemon.base_url}/assets/videos/football")
    edit(place, "[climate, klima]", "[climate, klima, climatechange]")
    return daemon


def launch_backfill(page: Page, asset: str, *tags: str) -> None:
    """Click as a person does: Materialize, all days, tags that are true, launch."""
    page.goto(asset)
    page.get_by_role("button", name="Materialize").first.click()
    dialog = page.get_by_role("dialog").first
    dialog.get_by_role("button", name="All", exact=True).click()
    if tags:
        dialog.get_by_text("Tags", exact=True).click()
        dialog.get_by_text("Add tags").click()
        form = page.get_by_role("dialog").last
        for number, tag in enumerate(tags):
            if number:
                form.get_by_role("button", name="Add custom tag").click()
            form.get_by_placeholder("Tag Key").last.fill(tag)
            form.get_by_placeholder("Tag Value").last.fill("true")
        form.get_by_role("button", name="Apply").click()
    dialog.get_by_role("button", name="Launch backfill").click()
    expect(dialog).to_be_hidden(timeout=_SOON_MS)


def test_the_first_page_shows_the_runs_of_a_command(ui: Daemon, page: Page) -> None:
    """The timeline has a row for collecting and one for publishing."""
    page.goto(ui.base_url)

    for job in ("collect", "publish"):
        expect(page.locator(f"a[href$='/jobs/{job}']").first).to_be_visible(timeout=_SOON_MS)


def test_the_lineage_opens_readable(ui: Daemon, page: Page) -> None:
    """Three boxes say what happens: collect, warehouse, publish."""
    page.goto(f"{ui.base_url}/asset-groups")

    for group in ("collect", "warehouse", "publish"):
        expect(page.get_by_text(group, exact=True).last).to_be_visible(timeout=_SOON_MS)


def test_an_asset_says_what_it_is_and_has_plots(ui: Daemon, page: Page) -> None:
    """The description has the query in English, and the only plot is that of the rows."""
    page.goto(f"{ui.base_url}/assets/videos/football")
    expect(page.get_by_text("it says its price")).to_be_visible(timeout=_SOON_MS)
    page.get_by_text("Plots", exact=True).click()

    expect(page.get_by_text("dagster/partition_row_count")).to_be_visible(timeout=_SOON_MS)
    expect(page.locator("canvas")).to_have_count(1)


def test_a_table_has_columns_rows_and_checks(ui: Daemon, page: Page) -> None:
    """A check on the table says what green means, and plots how many rows break its rule."""
    page.goto(f"{ui.base_url}/assets/warehouse/videos")
    expect(page.get_by_text("Row count")).to_be_visible(timeout=_SOON_MS)
    expect(page.get_by_text("its high 32 bits are the Unix second").first).to_be_visible()
    page.goto(f"{ui.base_url}/assets/warehouse/videos?view=checks")

    expect(page.get_by_text("Green: every complete day has between")).to_be_visible(timeout=_SOON_MS)
    expect(page.get_by_text("breaks_the_rule").first).to_be_visible()


def test_a_backfill_says_its_price_first(ui: Daemon, page: Page) -> None:
    """The run of the backfill says what it costs and what is left; complete days cost nothing."""
    assert ui.until(lambda: any("dagster/backfill" in run.tags for run in ui.runs()), within_s=90)
    (run,) = [run for run in ui.runs() if "dagster/backfill" in run.tags]
    page.goto(f"{ui.base_url}/runs/{run.run_id}")

    price = page.get_by_text("Price: videos/football, 6 days from 2026-11-03 to 2026-11-08: about 0 requests")
    expect(price.first).to_be_visible(timeout=_A_LOOP_MS)


def test_an_edit_takes_the_green_and_collecting_gives_it_back(ui: Daemon, place: Place, page: Page) -> None:
    """The days of the edited search are red, the run says why, and the days are green when they are collected."""
    days = f"{ui.base_url}/assets/videos/climate?view=partitions&partition={FIRST_DAY}"
    assert ui.until(lambda: any(run.job == "query_changed" for run in ui.runs()), within_s=90)
    page.goto(days)
    expect(page.get_by_text("Failed (6)")).to_be_visible(timeout=_SOON_MS)
    page.get_by_text("View logs").click()
    expect(page.get_by_text("The query changed on 2026-11-20.").first).to_be_visible(timeout=_SOON_MS)

    collect(place)
    page.goto(days)

    expect(page.get_by_text("Materialized (6)")).to_be_visible(timeout=_SOON_MS)


def test_a_backfill_waits_for_quota_and_finishes_after_the_reset(
    ui: Daemon, place: Place, page: Page, log: Path, day: ExitStack
) -> None:
    """Its price and what is left come first; the list of its runs and the message say when it goes on, and it does."""
    collect(place)
    leave_requests(place, 3)
    launch_backfill(page, f"{ui.base_url}/assets/comments", "tt/again", "tt/confirmed")
    assert ui.until(lambda: [run.status for run in of_comments(ui)] == ["FAILURE", "QUEUED"], within_s=120)
    paused, retry = of_comments(ui)
    page.goto(f"{ui.base_url}/runs/{paused.run_id}")
    expect(page.get_by_text("Price: comments, 6 days").first).to_be_visible(timeout=_SOON_MS)
    expect(page.get_by_text("Dagster resumes it after 2026-11-21 00:00 UTC").first).to_be_visible()
    page.goto(f"{ui.base_url}/runs/b/{paused.tags['dagster/backfill']}?tab=runs")
    expect(page.get_by_text("tt/paused: until 2026-11-21 00:00 UTC").first).to_be_visible(timeout=_SOON_MS)

    day.close()
    with served(place.environment(TT_CLOCK="2026-11-21T00:06:00+00:00@1"), log) as daemon:
        assert daemon.until(
            lambda: daemon.backfill_status(paused.tags["dagster/backfill"]) == "COMPLETED_SUCCESS", within_s=180
        )
        page.goto(f"{daemon.base_url}/runs/{retry.run_id}")
        expect(page.get_by_text("Success", exact=True).first).to_be_visible(timeout=_SOON_MS)


def leave_requests(place: Place, number: int) -> None:
    """Let the study have so many requests left today."""
    with open_workspace(place.settings) as workspace:
        use = workspace.use()
    edit(place, f"requests_per_day: {use.limit}", f"requests_per_day: {use.limit - use.left + number}")


def of_comments(ui: Daemon) -> list[Run]:
    """The runs of the backfill of comments."""
    return [run for run in ui.runs() if run.tags.get("tt/confirmed")]
