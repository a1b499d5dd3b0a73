"""Record a report in Dagster: finished days as materializations with metadata, a pause or an error as a failure.

There are exactly two ways (others mark unfinished days green, tried on 1.13): if all days are finished, metadata per
day and one plain result; otherwise an event per finished day and then a failure.
"""

import dagster as dg

from tt_pipeline.coverage import Workspace, quota_bucket
from tt_pipeline.errors import RequestLimitReached
from tt_pipeline.ingestion import CollectReport, DayReport
from tt_pipeline.orchestration.charts import day_bars
from tt_pipeline.orchestration.failures import as_failure
from tt_pipeline.orchestration.names import (
    COMMAND_TAG,
    MOST_RETRIES_TAG,
    PAUSED_TAG,
    PRIORITY_TAG,
    RESUMED_PRIORITY,
    Pools,
)
from tt_pipeline.orchestration.valve import reconcile_valve
from tt_pipeline.quota import BucketUse

Metadata = dict[str, dg.MetadataValue]


def recorded(
    context: dg.AssetExecutionContext, report: CollectReport, workspace: Workspace, pools: Pools
) -> dg.MaterializeResult[None]:
    """Record the days of a report in Dagster.

    Raises:
        Failure: Not every requested day has a final status; the days that have one are recorded.
    """
    context.log.info("%s: %s", report.asset, report.receipt)
    context.log_event(
        dg.AssetObservation(
            context.asset_key,
            description="This run, all its days together.",
            metadata=_of_run(report, workspace.use(quota_bucket(report.asset))),
        )
    )
    if report.stopped_because is None and all(day.has_final_status for day in report.days):
        for day in report.days:
            context.add_asset_metadata(
                day_metadata(day), asset_key=context.asset_key, partition_key=day.day.isoformat()
            )
        return dg.MaterializeResult()
    for day in report.days:
        if day.has_final_status:
            context.log_event(
                dg.AssetMaterialization(
                    asset_key=context.asset_key, partition=day.day.isoformat(), metadata=day_metadata(day)
                )
            )
    if report.goes_on:
        _request_one_retry(context, why=_pause(report))
        reconcile_valve(workspace, context.instance, pools)
    elif isinstance(report.stopped_because, RequestLimitReached):
        context.instance.add_run_tags(context.run.run_id, {PAUSED_TAG: "limit"})  # nobody is alerted
    raise as_failure(report)


def _pause(report: CollectReport) -> str:
    """Until when, for the run's tag; the list of runs shows about 30 characters of it."""
    return f"until {report.paused.resets_at:%Y-%m-%d %H:%M} UTC" if report.paused else "the daily run goes first"


def day_metadata(day: DayReport) -> Metadata:
    """What the UI shows of a day: facts about it alone, without numbers that are 0, which plot as a flat line."""
    facts = {name: _value(value) for name, value in day.facts.items() if value}
    return {
        "dagster/partition_row_count": dg.MetadataValue.int(day.rows),
        "status": dg.MetadataValue.text(day.status),
        **facts,
    }


def _of_run(report: CollectReport, use: BucketUse) -> Metadata:
    receipt = report.receipt
    return {
        "rows_by_day": dg.MetadataValue.md(day_bars({day.day: day.rows for day in report.days}, "row")),
        "requests": dg.MetadataValue.int(receipt.requests),
        "fewest_possible_requests": dg.MetadataValue.int(receipt.lower_bound),
        "rows_landed": dg.MetadataValue.int(receipt.rows),
        "quota_left_today": dg.MetadataValue.int(use.left),
    }


def _value(value: int | str) -> dg.MetadataValue:
    return dg.MetadataValue.int(value) if isinstance(value, int) else dg.MetadataValue.text(value)


def _request_one_retry(context: dg.AssetExecutionContext, *, why: str) -> None:
    """Make Dagster start this run once more; the retry waits behind the valve, before any backfill run.

    A run of a command only gets the tag that says why it paused.
    """
    instance, run_id = context.instance, context.run.run_id
    if COMMAND_TAG in context.run.tags:  # its person runs it again, or what is due is requested by the sensor
        instance.add_run_tags(run_id, {PAUSED_TAG: why})
        return
    group = instance.get_run_group(run_id)
    attempts = len(list(group[1])) if group else 1
    instance.add_run_tags(
        run_id,
        {
            MOST_RETRIES_TAG: str(attempts),
            "dagster/retry_on_asset_or_op_failure": "true",
            PRIORITY_TAG: str(max(RESUMED_PRIORITY, int(context.run.tags.get(PRIORITY_TAG, "0")))),
            PAUSED_TAG: why,
        },
    )
