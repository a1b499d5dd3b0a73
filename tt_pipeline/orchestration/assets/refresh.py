"""The asset that checks what is stored: hides what is missing on TikTok, and deletes what is confirmed to be gone."""

from typing import Any

import dagster as dg

from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.duties import RefreshReport, refresh
from tt_pipeline.errors import QuotaExhausted, RestoredUnchecked
from tt_pipeline.orchestration.names import DUTIES, OWNERS, PAUSED_TAG, REFRESH, Pools
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.studies import Study
from tt_pipeline.vocabulary import Dataset


def refresh_asset(study: Study, pools: Pools) -> dg.AssetsDefinition:
    """The asset; it has no partitions, because it checks whatever is due."""
    days = study.compliance.refresh_days

    @dg.asset(
        key=REFRESH,
        description=f"Checks every {days} days that stored videos and comments still exist on TikTok. What is missing"
        " is left out of the published file, and deleted in every copy when a second answer confirms it. Nothing is"
        " deleted because of an answer that is doubted: then this fails and says why.",
        group_name=DUTIES,
        kinds={"tiktok"},
        owners=OWNERS,
        tags={"quota": f"{DATASETS[Dataset.VALIDATIONS].bucket}"},
        pool=pools.of(DATASETS[Dataset.VALIDATIONS].bucket),
    )
    def refreshed(
        context: dg.AssetExecutionContext, collector: dg.ResourceParam[CollectorResource]
    ) -> dg.MaterializeResult[None]:
        with collector.session(context) as session:
            try:
                report = refresh(session, collector.settings)
            except QuotaExhausted as error:
                until = {PAUSED_TAG: f"until {error.resets_at:%Y-%m-%d %H:%M} UTC"}
                context.instance.add_run_tags(context.run.run_id, until)
                raise dg.Failure(
                    f"Paused: {error} What was checked is kept; the next refresh goes on.", allow_retries=False
                ) from error
        if report.doubts:
            raise dg.Failure(
                f"{' '.join(report.doubts)} Nothing was deleted because of these answers. Look at them, and if they are"
                " right, run `tt refresh --confirm`.",
                metadata=_numbers(report),
                allow_retries=False,
            )
        for each in report.returned:
            context.log.warning(each)
        if not report.is_published:
            refused = f" The server refuses to check {' and '.join(report.refused)}s." if report.refused else ""
            raise dg.Failure(f"{RestoredUnchecked()}{refused}", metadata=_numbers(report), allow_retries=False)
        return dg.MaterializeResult(metadata=_numbers(report))

    return refreshed


def _numbers(report: RefreshReport) -> dict[str, Any]:
    deleted = report.deletion.counts if report.deletion else {}
    return {
        "requests": report.requests,
        **{f"{kind}s_checked": number for kind, number in report.asked.items()},
        **{f"{kind}s_missing": number for kind, number in report.missing.items()},
        **{f"{kind}s_deleted": deleted.get(f"{kind}s", 0) for kind in report.missing},
    }
