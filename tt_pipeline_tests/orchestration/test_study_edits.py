"""After an edit of the study: what may be requested, and which queued runs are cancelled."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from tt_pipeline.coverage import Window, Work
from tt_pipeline.orchestration.names import COLLECT, OBSERVE, RANGE_END_TAG, RANGE_START_TAG, key_of
from tt_pipeline.orchestration.study_edits import cancel_runs_without_assets, requestable
from tt_pipeline.studies import Study, read_study

STUDY = """\
study: Edited
start: 2026-11-01
end: 2026-11-20
searches:
  climate: {hashtags: [climate]}
  football: {hashtags: [football]}
accounts: {usernames: [tagesschau], lists: [followers]}
"""
NOVEMBER = ("2026-11-01", "2026-11-20")
EDITS = {
    "another query": ("[football]", "[football, soccer]"),
    "a search more": ("accounts:", "  cats: {hashtags: [cat]}\naccounts:"),
    "another name": ("football:", "soccer:"),
    "a search less": ("  football: {hashtags: [football]}\n", ""),
    "no lists": ("accounts: {usernames: [tagesschau], lists: [followers]}\n", ""),
    "a later start": ("start: 2026-11-01", "start: 2026-11-02"),
    "an earlier end": ("end: 2026-11-20", "end: 2026-11-19"),
}
CANCELLED = {
    "another query": {},
    "a search more": {},
    "another name": {"looks": "videos/football"},
    "a search less": {"looks": "videos/football"},
    "no lists": {"lists": "social/followers"},
    "a later start": dict.fromkeys(("looks", "comments", "lists"), "the days 2026-11-01 to 2026-11-20"),
    "an earlier end": dict.fromkeys(("looks", "comments"), "the days 2026-11-01 to 2026-11-20"),
}


def study(folder: Path, edit: str | None = None) -> Study:
    """The study, or an edited one."""
    file = folder / "study.yaml"
    file.write_text(STUDY.replace(*EDITS[edit]) if edit else STUDY)
    return read_study(file)


def queued(instance: dg.DagsterInstance, job: str, *assets: str) -> str:
    """The id of a run in the queue."""
    location = RegisteredCodeLocationOrigin("tt_pipeline.definitions")
    run = dg.DagsterRun(
        job_name=job,
        asset_selection=frozenset(key_of(asset) for asset in assets) or None,
        tags=dict(zip((RANGE_START_TAG, RANGE_END_TAG), NOVEMBER, strict=True)) if assets else {},
        status=dg.DagsterRunStatus.QUEUED,
        remote_job_origin=RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), job),
    )
    return instance.add_run(run).run_id


@pytest.mark.parametrize(("edit", "cancelled"), CANCELLED.items(), ids=list(CANCELLED))
def test_queued_runs_that_an_edit_makes_impossible_are_cancelled(
    tmp_path: Path, edit: str, cancelled: Mapping[str, str]
) -> None:
    """They would fail at their start; each has the removed part of the study as reason, and other runs stay."""
    with dg.DagsterInstance.ephemeral() as instance:
        runs = {
            "looks": queued(instance, COLLECT, "videos/climate", "videos/football", "users"),
            "comments": queued(instance, COLLECT, "comments"),
            "lists": queued(instance, OBSERVE, "social/followers"),
            "publication": queued(instance, "publish"),
        }
        cancel_runs_without_assets(instance, study(tmp_path, edit))
        ended = {
            name: [event.message for event in instance.all_logs(run_id)][-1]
            for name, run_id in runs.items()
            if instance.get_runs(dg.RunsFilter(run_ids=[run_id], statuses=[dg.DagsterRunStatus.CANCELED]))
        }

    assert ended == {
        name: f"The study was edited and no longer has {missing}. Nothing was sent; what is due by the edited study is "
        "requested again."
        for name, missing in cancelled.items()
    }


@pytest.mark.parametrize(
    ("asset", "first_day", "is_requestable"),
    [
        ("videos/climate", date(2026, 11, 1), True),
        ("videos/cats", date(2026, 11, 1), False),
        ("social/following", date(2026, 11, 1), False),
        ("comments", date(2026, 11, 1), True),
        ("comments", date(2026, 10, 31), False),
    ],
)
def test_until_the_edit_is_loaded_only_what_is_defined_is_requested(
    tmp_path: Path,
    asset: str,
    first_day: date,
    is_requestable: bool,  # noqa: FBT001
) -> None:
    """A request for an asset or a day that Dagster does not know would make the sensor's tick fail."""
    window = Window(first_day=first_day, last_day=date(2026, 11, 9))
    work = Work(asset=asset, window=window, reason="a look is due")

    found = requestable([work], loaded=study(tmp_path), today=date(2026, 11, 25))

    assert found == ([work] if is_requestable else [])
