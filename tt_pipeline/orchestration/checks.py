"""Dagster's asset checks: coverage of each search, and the checks of the warehouse."""

from collections.abc import Iterator, Sequence
from typing import Final

import dagster as dg

from tt_pipeline.counted import counted
from tt_pipeline.coverage import DayCoverage
from tt_pipeline.ingestion import EVERY_FILE_IS_LOADED, check_warehouse
from tt_pipeline.orchestration.charts import days_strip
from tt_pipeline.orchestration.names import OPS, videos_key, warehouse_key
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.studies import Search
from tt_pipeline.vocabulary import SearchStatus
from tt_pipeline.warehouse import CHECKS, CheckResult, Severity

_MOST_NAMED: Final = 10
_SEVERITIES: Final = {Severity.ERROR: dg.AssetCheckSeverity.ERROR, Severity.WARNING: dg.AssetCheckSeverity.WARN}


def coverage_check(search: Search) -> dg.AssetChecksDefinition:
    """A check that fails while a due day of the search is not complete."""

    @dg.asset_check(
        asset=videos_key(search.name),
        name="coverage",
        description="Green: every day that is due has been collected completely, with the present query.",
    )
    def coverage(collector: dg.ResourceParam[CollectorResource]) -> dg.AssetCheckResult:
        with collector.workspace() as workspace:
            days = workspace.coverage().searches.old_enough(search)
        missing = [day for day in days if day.status is not SearchStatus.COMPLETE]
        return dg.AssetCheckResult(
            passed=not missing,
            severity=_severity(missing),
            description=_in_words(search, missing),
            metadata={
                "days_not_complete": len(missing),
                "days_complete": len(days) - len(missing),
                "days": dg.MetadataValue.text(days_strip([(day.day, day.status) for day in days])),
            },
        )

    return coverage


def _severity(missing: Sequence[DayCoverage]) -> dg.AssetCheckSeverity:
    """A warning if all missing days are capped, because the study wants that; otherwise an error."""
    is_wanted = all(day.status is SearchStatus.CAPPED for day in missing)
    return dg.AssetCheckSeverity.WARN if is_wanted else dg.AssetCheckSeverity.ERROR


def _in_words(search: Search, missing: Sequence[DayCoverage]) -> str:
    if not missing:
        return "Every day is complete."
    if all(day.status is SearchStatus.CAPPED for day in missing):
        days = (
            f"Of {counted(len(missing), 'day')} of {search.name}, only the first {search.max_videos_per_day:,} places"
        )
        return f"{days} of the results were requested, because the study sets max_videos_per_day."
    named = ", ".join(f"{day.day} {day.status}{f' ({day.note})' if day.note else ''}" for day in missing[:_MOST_NAMED])
    more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
    days = counted(len(missing), "day", "are")
    problem = f"{search.name}: {days} not complete: {named}{more}."
    return f"{problem} Materialize these days, or wait for the daily run."


_ASSETS: Final = {check.name: warehouse_key(check.group) if check.group else OPS for check in CHECKS} | {
    EVERY_FILE_IS_LOADED: OPS
}
"""The tables that each check is about. A blocking check is of `warehouse/ops`, the last asset before publication."""


@dg.multi_asset_check(
    name="warehouse_checks",
    can_subset=True,
    specs=[
        *(
            dg.AssetCheckSpec(
                check.name,
                asset=_ASSETS[check.name],
                additional_deps=[OPS] if check.group else [],
                blocking=check.is_blocking,
                description=f"Green: {check.means[:1].lower()}{check.means[1:]}",
            )
            for check in CHECKS
        ),
        dg.AssetCheckSpec(EVERY_FILE_IS_LOADED, asset=OPS, description="Green: every landed file is loaded."),
    ],
)
def warehouse_checks(
    context: dg.AssetCheckExecutionContext, collector: dg.ResourceParam[CollectorResource]
) -> Iterator[dg.AssetCheckResult]:
    """The warehouse's own checks; a failed blocking one prevents `published_warehouse`."""
    with collector.workspace() as workspace:
        results = check_warehouse(workspace)
    for result in results:
        key = _ASSETS[result.name]
        if dg.AssetCheckKey(key, result.name) in context.selected_asset_check_keys:
            yield dg.AssetCheckResult(
                asset_key=key,
                check_name=result.name,
                passed=result.passed,
                severity=_SEVERITIES[result.severity],
                description=result.impersonal_summary,
                metadata=_numbers(result),
            )


def _numbers(result: CheckResult) -> dict[str, float]:
    """How many break the rule, and which share of all; the UI plots both."""
    breaking = sum(breach.counted for breach in result.breaches)
    out_of = sum(breach.out_of or 0 for breach in result.breaches)
    return {"breaks_the_rule": breaking} | ({"percent": round(100 * breaking / out_of, 2)} if out_of else {})
