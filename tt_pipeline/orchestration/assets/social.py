"""The assets of account lists: one for each list of the study, by UTC day of observation."""

import dagster as dg

from tt_pipeline.codebook.datasets import ACCOUNT_LISTS
from tt_pipeline.ingestion import collect_list
from tt_pipeline.orchestration.assets.collect import PRICE_FIRST, collect_arguments, links, quota_tag
from tt_pipeline.orchestration.names import OBSERVE, OWNERS, Pools, key_of, videos_key
from tt_pipeline.orchestration.partitions import UP_TO_A_WINDOW
from tt_pipeline.orchestration.recording import recorded
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.studies import Study
from tt_pipeline.vocabulary import AccountList


def social_assets(study: Study, days: dg.DailyPartitionsDefinition, pools: Pools) -> list[dg.AssetsDefinition]:
    """One asset for each list that the study observes."""
    return [
        _asset_of_list(account_list, study, days, pools)
        for account_list in (study.accounts.lists if study.accounts else ())
    ]


def _asset_of_list(
    account_list: AccountList, study: Study, days: dg.DailyPartitionsDefinition, pools: Pools
) -> dg.AssetsDefinition:
    row = ACCOUNT_LISTS[account_list]

    @dg.asset(
        key=key_of(row.asset),
        description=f"{row.holds}, by UTC day of observation; past days cannot be observed.{PRICE_FIRST}",
        deps=[dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping()) for key in _searches(account_list, study)],
        partitions_def=days,
        backfill_policy=UP_TO_A_WINDOW,
        group_name=OBSERVE,
        kinds={"tiktok"},
        owners=OWNERS,
        tags=quota_tag(row),
        metadata=links(row, study.file),
        pool=pools.of(row.bucket),
    )
    def observed(
        context: dg.AssetExecutionContext, collector: dg.ResourceParam[CollectorResource]
    ) -> dg.MaterializeResult[None]:
        with collector.session(context) as session:
            return recorded(context, collect_list(session, account_list, **collect_arguments(context)), session, pools)

    return observed


def _searches(account_list: AccountList, study: Study) -> list[dg.AssetKey]:
    """The searches that determine the observed accounts or the known playlists."""
    top = study.accounts.top_creators if study.accounts else None
    if ACCOUNT_LISTS[account_list].is_by_playlist:
        return [videos_key(search.name) for search in study.searches]
    return [videos_key(top.search)] if top else []
