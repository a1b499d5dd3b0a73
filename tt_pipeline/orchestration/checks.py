"""Asset checks: what the rooms below can check, shown where people look."""

from collections.abc import Iterator, Sequence
from typing import Final

import dagster as dg

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
    """Red while a day whose age has come is not complete."""

    @dg.asset_check(
        asset=videos_key(search.name),
        name="coverage",
        description="Every day of the search whose age has come was answered to the end by its present query.",
    )
    def coverage(collector: dg.ResourceParam[CollectorResource]) -> dg.AssetCheckResult:
        with collector.workspace() as workspace:
            held = workspace.coverage()
            missing = [day for day in held.searches.old_enough(search) if day.status is not SearchStatus.COMPLETE]
        return dg.AssetCheckResult(
            passed=not missing,
            severity=_severity(missing),
            description=_in_words(search, missing),
            metadata={"days_not_complete": len(missing)},
        )

    return coverage


def _severity(missing: Sequence[DayCoverage]) -> dg.AssetCheckSeverity:
    """A cap is what the study asked for: worth knowing, nothing to mend."""
    is_wanted = all(day.status is SearchStatus.CAPPED for day in missing)
    return dg.AssetCheckSeverity.WARN if is_wanted else dg.AssetCheckSeverity.ERROR


def _in_words(search: Search, missing: Sequence[DayCoverage]) -> str:
    if not missing:
        return "Every day is complete."
    if all(day.status is SearchStatus.CAPPED for day in missing):
        days = f"{len(missing)} days of {search.name} hold no more"
        return f"{days} than the first {search.max_videos_per_day} places of their results, as the study says."
    named = ", ".join(f"{day.day} {day.status}{f' ({day.note})' if day.note else ''}" for day in missing[:_MOST_NAMED])
    more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
    says = f"{len(missing)} days of {search.name} are not complete: {named}{more}."
    return f"{says} Materialise them, or wait for the daily run."


@dg.multi_asset_check(
    name="warehouse_checks",
    specs=[
        *(
            dg.AssetCheckSpec(check.name, asset=OPS, blocking=check.is_blocking, description=f"Red: {check.says}.")
            for check in CHECKS
        ),
        dg.AssetCheckSpec(EVERY_FILE_IS_LOADED, asset=OPS, description="Red: landed files could not be loaded."),
    ],
)
def warehouse_checks(collector: dg.ResourceParam[CollectorResource]) -> Iterator[dg.AssetCheckResult]:
    """The warehouse's own checks; the blocking ones stand in front of `published_warehouse`."""
    with collector.workspace() as workspace:
        results = check_warehouse(workspace)
    for result in results:
        yield dg.AssetCheckResult(
            asset_key=OPS,
            check_name=result.name,
            passed=result.passed,
            severity=_SEVERITIES[result.severity],
            description=result.told,
        )
