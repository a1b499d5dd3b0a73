"""Dagster's asset checks: coverage of each search, and the checks of the warehouse."""

from collections.abc import Iterator, Sequence
from typing import Final

import dagster as dg

from tt_pipeline.counted import counted
from tt_pipeline.coverage import DayCoverage
from tt_pipeline.ingestion import EVERY_FILE_IS_LOADED, check_warehouse
from tt_pipeline.orchestration.names import OPS, videos_key
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.studies import Search
from tt_pipeline.vocabulary import SearchStatus
from tt_pipeline.warehouse import CHECKS, Severity

_MOST_NAMED: Final = 10
_SEVERITIES: Final = {Severity.ERROR: dg.AssetCheckSeverity.ERROR, Severity.WARNING: dg.AssetCheckSeverity.WARN}


def coverage_check(search: Search) -> dg.AssetChecksDefinition:
    """A check that fails while a due day of the search is not complete."""

    @dg.asset_check(
        asset=videos_key(search.name),
        name="coverage",
        description="Every due day of the search has been collected completely with its current query.",
    )
    def coverage(collector: dg.ResourceParam[CollectorResource]) -> dg.AssetCheckResult:
        with collector.workspace() as workspace:
            searches = workspace.coverage().searches
            missing = [day for day in searches.old_enough(search) if day.status is not SearchStatus.COMPLETE]
        return dg.AssetCheckResult(
            passed=not missing,
            severity=_severity(missing),
            description=_in_words(search, missing),
            metadata={"days_not_complete": len(missing)},
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


@dg.multi_asset_check(
    name="warehouse_checks",
    specs=[
        *(
            dg.AssetCheckSpec(
                check.name, asset=OPS, blocking=check.is_blocking, description=f"Fails when {check.says}."
            )
            for check in CHECKS
        ),
        dg.AssetCheckSpec(EVERY_FILE_IS_LOADED, asset=OPS, description="Fails when landed files could not be loaded."),
    ],
)
def warehouse_checks(collector: dg.ResourceParam[CollectorResource]) -> Iterator[dg.AssetCheckResult]:
    """The warehouse's own checks; a failed blocking one prevents `published_warehouse`."""
    with collector.workspace() as workspace:
        results = check_warehouse(workspace)
    for result in results:
        yield dg.AssetCheckResult(
            asset_key=OPS,
            check_name=result.name,
            passed=result.passed,
            severity=_SEVERITIES[result.severity],
            description=result.summary,
        )
