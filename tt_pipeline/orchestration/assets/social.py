"""The assets of account lists: one for each list of the study, by UTC day of observation."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import dagster as dg

from tt_pipeline.coverage import asset_of, quota_bucket
from tt_pipeline.ingestion import collect_list
from tt_pipeline.orchestration.assets.collect import collect_arguments
from tt_pipeline.orchestration.names import COLLECT, OWNERS, POOLS, key_of, videos_key
from tt_pipeline.orchestration.partitions import UP_TO_30_DAYS
from tt_pipeline.orchestration.recording import recorded
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.studies import Study
from tt_pipeline.vocabulary import AccountList

_SHOWN: Final[Mapping[AccountList, str]] = MappingProxyType(
    {
        AccountList.FOLLOWERS: "Accounts that follow the observed accounts",
        AccountList.FOLLOWING: "Accounts that the observed accounts follow",
        AccountList.LIKED: "Videos that the observed accounts liked",
        AccountList.PINNED: "Videos that the observed accounts pinned",
        AccountList.REPOSTED: "Videos that the observed accounts reposted",
        AccountList.PLAYLISTS: "Playlists of the observed accounts that found videos name",
    }
)


def social_assets(study: Study, days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """One asset for each list that the study observes."""
    return [
        _asset_of_list(account_list, study, days) for account_list in (study.accounts.lists if study.accounts else ())
    ]


def _asset_of_list(account_list: AccountList, study: Study, days: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    asset = asset_of(account_list)
    bucket = quota_bucket(asset)

    @dg.asset(
        key=key_of(asset),
        description=f"{_SHOWN[account_list]}, by UTC day of observation; past days cannot be observed.",
        deps=[dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping()) for key in _searches(account_list, study)],
        partitions_def=days,
        backfill_policy=UP_TO_30_DAYS,
        group_name=COLLECT,
        kinds={"tiktok"},
        owners=OWNERS,
        pool=POOLS[bucket],
    )
    def observed(
        context: dg.AssetExecutionContext, collector: dg.ResourceParam[CollectorResource]
    ) -> dg.MaterializeResult[None]:
        with collector.session(context) as session:
            return recorded(context, collect_list(session, account_list, **collect_arguments(context)), session, bucket)

    return observed


def _searches(account_list: AccountList, study: Study) -> list[dg.AssetKey]:
    """The searches that determine the observed accounts or the known playlists."""
    top = study.accounts.top_creators if study.accounts else None
    if account_list is AccountList.PLAYLISTS:
        return [videos_key(search.name) for search in study.searches]
    return [videos_key(top.search)] if top else []
