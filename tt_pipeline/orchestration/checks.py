"""Asset checks: what the rooms below can check, shown where people look."""

from collections.abc import Sequence

import dagster as dg

from tt_pipeline.ingestion.coverage import DayCoverage
from tt_pipeline.ingestion.delivery import check_landed_tables
from tt_pipeline.orchestration.names import videos_key, warehouse_key
from tt_pipeline.orchestration.resources import Workplace
from tt_pipeline.studies import Search
from tt_pipeline.vocabulary import SearchStatus
from tt_pipeline.warehouse import CHECKS, Check

_MOST_NAMED = 10


def coverage_check(search: Search) -> dg.AssetChecksDefinition:
    """Red while a day whose age has come is not complete."""

    @dg.asset_check(
        asset=videos_key(search.name),
        name="coverage",
        description="Every day of the search whose age has come was answered to the end by its present query.",
    )
    def coverage(workplace: dg.ResourceParam[Workplace]) -> dg.AssetCheckResult:
        with workplace.books() as books:
            held = books.holdings()
            missing = [day for day in held.old_enough(search) if day.status is not SearchStatus.COMPLETE]
        return dg.AssetCheckResult(
            passed=not missing,
            severity=dg.AssetCheckSeverity.WARN,
            description=_in_words(missing),
            metadata={"days_not_complete": len(missing)},
        )

    return coverage


def _in_words(missing: Sequence[DayCoverage]) -> str:
    if not missing:
        return "Every day is complete."
    named = ", ".join(f"{day.day} {day.status}" for day in missing[:_MOST_NAMED])
    more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
    return f"{len(missing)} days are not complete: {named}{more}. Materialise them, or wait for the daily run."


def warehouse_checks() -> list[dg.AssetChecksDefinition]:
    """The warehouse's own checks; the blocking ones stand in front of `published_warehouse`."""
    return [_warehouse_check(check) for check in CHECKS]


def _warehouse_check(check: Check) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=warehouse_key(check.dataset),
        name=check.name,
        description=check.meaning,
        blocking=check.is_blocking,
    )
    def checked(workplace: dg.ResourceParam[Workplace]) -> dg.AssetCheckResult:
        with workplace.books() as books:
            result = check_landed_tables(books, check)
        severity = dg.AssetCheckSeverity.ERROR if check.is_blocking else dg.AssetCheckSeverity.WARN
        return dg.AssetCheckResult(passed=result.passed, severity=severity, description=result.message)

    return checked
