"""Translate the end of a collection into Dagster's Failure."""

import dagster as dg

from tt_pipeline.counted import counted
from tt_pipeline.ingestion import CollectReport


def as_failure(report: CollectReport) -> dg.Failure:
    """The Failure of a run that stopped, with progress and reason.

    Steps are not retried: each retry would cost quota and fail again. After a pause for quota the whole run is retried
    behind the valve; everything else is due again tomorrow, or when it is requested.
    """
    done = sum(day.has_final_status for day in report.days)
    progress = f"{report.asset}: {done} of {counted(len(report.days), 'day', 'have')} a final status."
    if report.paused:
        opens = f"{report.paused.resets_at:%Y-%m-%d %H:%M} UTC"
        return dg.Failure(
            f"Paused for quota. {progress} {report.paused} Dagster resumes it after {opens}, if its daemon runs.",
            allow_retries=False,
        )
    if report.goes_on:
        return dg.Failure(f"Paused for the daily run. {progress} {report.stopped_because}", allow_retries=False)
    open_days = {str(day.facts.get("why", day.status)) for day in report.days if not day.has_final_status}
    return dg.Failure(f"{progress} {report.stopped_because or '; '.join(sorted(open_days))}", allow_retries=False)
