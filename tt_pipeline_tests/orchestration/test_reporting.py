"""The report is an asset of its own: written once a UTC day, when the day's list is done, with the page's numbers."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tt_pipeline.orchestration import build_definitions
from tt_pipeline.orchestration.names import COLLECT, PUBLISH, REPORT, REPORT_JOB
from tt_pipeline.orchestration.reporting import ReportCursor
from tt_pipeline.settings import Settings
from tt_pipeline.studies import read_study
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.warehouse.builders import CLOCK, comment, comment_page, land, load, page, video

TODAY = date(2026, 11, 20)
STUDY = """\
study: Daily report
start: {start}
searches: {{climate: {{hashtags: [climate]}}}}
"""
NOTHING_DUE, DUE = f"{TODAY + timedelta(days=30)}", f"{TODAY - timedelta(days=9)}"


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> dg.DagsterInstance:
    """A real instance on disk, which has no runs; making one takes seconds."""
    return dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster")))


def settings_of(folder: Path, start: str, *, day: date = TODAY) -> Settings:
    """Settings of a data dir at noon of a day, with a study that begins on `start`."""
    (folder / "study.yaml").write_text(STUDY.format(start=start))
    return Settings(data_dir=folder, clock=f"{day}T12:00:00Z@0.000001")


def publish(settings: Settings, *videos: int) -> None:
    """Publish these videos, with a comment under the first."""
    files = settings.files
    load_id = f"videos/climate/ffffffff/{len(videos)}"
    load(files.writer, [land(files.landing, [page(*map(video, videos))], load_id=load_id)])
    load(files.writer, [land(files.landing, [comment_page(comment())], load_id="comments/2026-10-02/run-1")])
    publish_file(files.writer, files.published, CLOCK)


def tick(settings: Settings, instance: dg.DagsterInstance, cursor: str | None) -> tuple[str, str | None]:
    """The run key or the reason for skipping, and the new cursor."""
    definitions = build_definitions(settings, read_study(settings.study_file))
    sensor = definitions.get_repository_def().get_sensor_def("report_of_the_day")
    with dg.build_sensor_context(instance=instance, cursor=cursor, definitions=definitions) as context:
        evaluated = sensor.evaluate_tick(context)
    keys = [f"{request.run_key}" for request in evaluated.run_requests or ()]
    return ", ".join(keys) or f"{evaluated.skip_message}", evaluated.cursor


def test_the_asset_writes_the_page_and_its_metadata_are_the_pages_numbers(tmp_path: Path) -> None:
    """Each number of the metadata is that of the summary at the top of the page, or of its list of facts."""
    settings = settings_of(tmp_path, NOTHING_DUE)
    publish(settings, 1, 2, 3)
    job = build_definitions(settings, read_study(settings.study_file)).resolve_job_def(REPORT_JOB)

    result = job.execute_in_process()

    (materialized,) = result.asset_materializations_for_node("report")
    metadata: dict[str, Any] = {name: value.value for name, value in materialized.metadata.items()}
    html = settings.files.report.read_text(encoding="utf-8")
    in_page = dict(re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", html))
    assert materialized.asset_key == REPORT
    assert metadata["path"] == f"{settings.files.report.resolve()}"
    assert metadata["bytes"] == settings.files.report.stat().st_size
    assert metadata["figures"] == html.count("<figure>")
    assert {
        "Different videos that the present searches found": f"{metadata['videos']}",
        "Of these, videos that fit a query or cannot be judged": f"{metadata['fitting_videos']}",
        "Creators of the videos that fit": f"{metadata['creators']}",
        "Comments and replies under the videos of the present searches": f"{metadata['comments']}",
        "Searches of the study": f"{metadata['searches']}",
    }.items() <= in_page.items()
    assert metadata["days_complete"] + metadata["days_incomplete"] == 0


@pytest.mark.parametrize(
    ("content", "says"), [(None, "does not exist yet"), (b"not a database at all, but 40 bytes long", "damaged")]
)
def test_a_published_file_that_cannot_be_read_is_one_sentence(content: bytes | None, says: str, tmp_path: Path) -> None:
    """The run fails with what happened to which file, and writes nothing."""
    settings = settings_of(tmp_path, NOTHING_DUE)
    if content:
        settings.files.published.write_bytes(content)
    job = build_definitions(settings, read_study(settings.study_file)).resolve_job_def(REPORT_JOB)

    result = job.execute_in_process(raise_on_error=False)

    (failure,) = [event for event in result.all_events if event.is_step_failure]
    failed = failure.step_failure_data.user_failure_data
    assert failed is not None
    assert says in (failed.description or "")
    assert f"{settings.files.published}" in (failed.description or "")
    assert not settings.files.report.exists()


def test_the_report_is_requested_once_a_day(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    """After the first publication with nothing due; a second one on the same day is left to the next day."""
    settings = settings_of(tmp_path, NOTHING_DUE)
    nothing, cursor = tick(settings, instance, None)
    publish(settings, 1)
    first, cursor = tick(settings, instance, cursor)
    publish(settings, 1, 2)
    second, cursor = tick(settings, instance, cursor)
    tomorrow = settings_of(tmp_path, NOTHING_DUE, day=TODAY + timedelta(days=1))
    third, cursor = tick(tomorrow, instance, cursor)
    same, _ = tick(settings_of(tmp_path, NOTHING_DUE, day=TODAY + timedelta(days=2)), instance, cursor)

    assert (nothing, first) == ("Nothing was published since the last check.", "report:2026-11-20")
    assert (second, third) == ("The report of 2026-11-20 was requested.", "report:2026-11-21")
    assert same == nothing


def test_it_waits_while_work_is_due_until_the_next_days_first_publication(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    """An unfinished day has no report; the next day's first publication has one although work is due."""
    settings = settings_of(tmp_path, DUE)
    publish(settings, 1)
    first, cursor = tick(settings, instance, None)
    again, cursor = tick(settings, instance, cursor)
    tomorrow = settings_of(tmp_path, DUE, day=TODAY + timedelta(days=1))
    without_publication, cursor = tick(tomorrow, instance, cursor)
    publish(tomorrow, 1, 2)
    next_day, cursor = tick(tomorrow, instance, cursor)

    assert first.startswith("Still due: ")
    assert again == without_publication == "Nothing was published since the last check."
    assert next_day == "report:2026-11-21"
    assert ReportCursor.read(cursor).requested == "2026-11-21"


def test_it_waits_for_runs_that_collect_or_publish(tmp_path: Path) -> None:
    """A publication that runs is not considered; a collecting run makes the day unfinished."""
    settings = settings_of(tmp_path, NOTHING_DUE)
    publish(settings, 1)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(dg.DagsterRun(PUBLISH, run_id="p", status=dg.DagsterRunStatus.STARTED))
        while_publishing = tick(settings, instance, None)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(dg.DagsterRun(COLLECT, run_id="c", status=dg.DagsterRunStatus.STARTED))
        while_collecting, cursor = tick(settings, instance, None)

    assert while_publishing == ("A publication is queued or running.", None)
    assert while_collecting.startswith("1 collecting run is queued or running;")
    assert ReportCursor.read(cursor).unfinished == "2026-11-20"


@pytest.mark.parametrize("cursor", ["", "no JSON", "[]", '{"another": 1}'])
def test_an_unreadable_cursor_is_a_new_one(cursor: str) -> None:
    """The key of the run prevents a second report of the day."""
    assert ReportCursor.read(cursor) == ReportCursor()
