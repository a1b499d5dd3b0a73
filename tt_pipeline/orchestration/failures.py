"""Our errors, said to Dagster once: what may be retried, and by whom."""

import dagster as dg

from tt_pipeline.ingestion import CollectReport


def as_failure(report: CollectReport) -> dg.Failure:
    """Why a run stopped, in one sentence.

    No step retry: each would cost quota and meet the same wall. A pause for quota is retried as a whole run behind the
    valve, everything else is due again tomorrow or when somebody asks.
    """
    done = sum(day.is_stated for day in report.days)
    progress = f"{report.asset}: {done} of {len(report.days)} days are stated."
    if report.paused:
        opens = f"{report.paused.resets_at:%Y-%m-%d %H:%M} UTC"
        return dg.Failure(
            f"Paused for quota. {progress} {report.paused} It resumes by itself after {opens} (while the daemon runs).",
            allow_retries=False,
        )
    if report.goes_on:
        return dg.Failure(f"Gives way. {progress} {report.stopped_because}", allow_retries=False)
    open_days = {str(day.facts.get("why", day.status)) for day in report.days if not day.is_stated}
    return dg.Failure(f"{progress} {report.stopped_because or '; '.join(sorted(open_days))}", allow_retries=False)
