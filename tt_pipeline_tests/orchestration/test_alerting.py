"""A failed run is a trouble until a run of its job succeeds; a pause is none."""

from collections.abc import Iterator

import dagster as dg
import pytest

from tt_pipeline.orchestration.alerting import failed_runs
from tt_pipeline.orchestration.names import PAUSED_TAG, WENT_ON

OURS = dg.Failure("videos/climate: 0 of 3 days have a final status. The network is down.", allow_retries=False)


@pytest.fixture(scope="module")
def storage() -> Iterator[dg.DagsterInstance]:
    """An instance in memory."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def instance(storage: dg.DagsterInstance) -> dg.DagsterInstance:
    """The instance without runs."""
    for run in storage.get_runs():
        storage.delete_run(run.run_id)
    return storage


def end(instance: dg.DagsterInstance, job: str = "collect", error: Exception | None = None, **tags: str) -> str:
    """A run of a job that ends with this error; returns its id."""

    @dg.op
    def step() -> None:
        if error:
            raise error

    made = dg.GraphDefinition(name=job, node_defs=[step]).to_job(tags=tags)
    return made.execute_in_process(instance=instance, raise_on_error=False).run_id


def test_a_failed_run_is_told_until_one_succeeds(instance: dg.DagsterInstance) -> None:
    """With its reason; a pause in between is neither a failure nor a success."""
    run_id = end(instance, error=OURS)
    end(instance, error=dg.Failure("Paused for quota."), **{PAUSED_TAG: "until 2026-11-21 00:00 UTC"})
    end(instance, "observe")

    (trouble,) = failed_runs(instance)
    assert trouble.says.startswith(f"The run {run_id[:8]} (collect) failed at ")
    assert trouble.says.endswith(f"UTC: {OURS.description}")

    end(instance)
    assert failed_runs(instance) == []
    end(instance, error=OURS, **{PAUSED_TAG: WENT_ON})
    assert failed_runs(instance)  # a retry that failed is no pause


@pytest.mark.parametrize("job", ["publish", "query_changed"])
def test_failures_of_other_jobs_are_none_of_these(instance: dg.DagsterInstance, job: str) -> None:
    """A failed publication is told as such, and a changed query is an edit of a person."""
    end(instance, job, OURS)
    assert failed_runs(instance) == []


def test_the_first_of_many_reasons_is_told(instance: dg.DagsterInstance) -> None:
    """Each search of a run fails for the same reason when the network is down."""

    @dg.op
    def step() -> None:
        raise OURS

    @dg.job(name="collect")
    def made() -> None:
        for number in range(3):
            step.alias(f"step_{number}")()

    made.execute_in_process(instance=instance, raise_on_error=False)
    (trouble,) = failed_runs(instance)
    assert trouble.says.endswith(f"UTC: {OURS.description} 2 further steps of it failed.")


def test_words_of_other_programs_are_not_told(instance: dg.DagsterInstance) -> None:
    """They could contain what somebody wrote."""
    end(instance, "collect", KeyError("lena_1994"))
    (trouble,) = failed_runs(instance)
    assert trouble.says.endswith("UTC: Dagster's UI shows why.")


def test_each_asset_is_judged_alone(instance: dg.DagsterInstance) -> None:
    """A later run of another asset ends nothing; a run that a person launches ends the trouble of the same asset."""
    climate, comments = frozenset({dg.AssetKey(["videos", "climate"])}), frozenset({dg.AssetKey("comments")})
    ended(instance, "collect", climate, dg.DagsterRunStatus.FAILURE)
    ended(instance, "collect", comments, dg.DagsterRunStatus.SUCCESS)
    assert len(failed_runs(instance)) == 1

    ended(instance, "__ASSET_JOB", climate, dg.DagsterRunStatus.SUCCESS)
    assert failed_runs(instance) == []

    ended(instance, "__ASSET_JOB", frozenset({dg.AssetKey(["warehouse", "videos"])}), dg.DagsterRunStatus.FAILURE)
    assert failed_runs(instance) == []  # it requests nothing

    ended(instance, "__ASSET_JOB", comments, dg.DagsterRunStatus.FAILURE)
    (trouble,) = failed_runs(instance)
    assert "(launched by hand) failed" in trouble.says


def ended(instance: dg.DagsterInstance, job: str, assets: frozenset[dg.AssetKey], status: dg.DagsterRunStatus) -> None:
    """A run of these assets that has ended."""
    instance.add_run(dg.DagsterRun(job_name=job, asset_selection=assets, status=status))
