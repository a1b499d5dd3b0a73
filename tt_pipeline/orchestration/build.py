"""Build the Dagster definitions from the settings and a study."""

import warnings
from datetime import timedelta
from typing import Final

import dagster as dg

from tt_pipeline.clock import today
from tt_pipeline.codebook.datasets import OF_FOUND_VIDEOS
from tt_pipeline.coverage import asset_of
from tt_pipeline.ingestion import ProgressListener
from tt_pipeline.orchestration.alerting import alert_sensors
from tt_pipeline.orchestration.assets.collect import found_videos_asset, videos_asset
from tt_pipeline.orchestration.assets.refresh import refresh_asset
from tt_pipeline.orchestration.assets.report import report_page
from tt_pipeline.orchestration.assets.social import social_assets
from tt_pipeline.orchestration.assets.warehouse import ops_asset, published_asset, warehouse_assets
from tt_pipeline.orchestration.automation import daily_schedule, quota_sensor, refresh_schedule
from tt_pipeline.orchestration.changed_days import query_changed
from tt_pipeline.orchestration.checks import coverage_check, warehouse_checks
from tt_pipeline.orchestration.names import (
    COLLECT,
    DUTIES,
    OBSERVE,
    PUBLISH,
    REFRESH_JOB,
    REPORT_JOB,
    REPORTS,
    WAREHOUSE,
    Pools,
    key_of,
    pools_of,
    videos_key,
)
from tt_pipeline.orchestration.partitions import days_of_observation, days_of_study
from tt_pipeline.orchestration.pruning import prune_sensor
from tt_pipeline.orchestration.publishing import publish_sensor
from tt_pipeline.orchestration.reporting import report_sensor
from tt_pipeline.orchestration.resources import CollectorResource, collector_resource
from tt_pipeline.quota import RequestLimit
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study

_LATE: Final = timedelta(hours=26)
"""The daily run may take two hours longer than the day before."""


def build_definitions(
    settings: Settings, study: Study, *, progress: ProgressListener | None = None, limit: RequestLimit | None = None
) -> dg.Definitions:
    """All assets, checks, jobs, schedules and sensors of a study.

    Args:
        settings: The data dir and the server.
        study: The study.
        progress: Called after each landed page, for runs in this process.
        limit: The most requests of runs in this process.
    """
    collector = CollectorResource(settings, study, progress, limit)
    pools = pools_of(settings)
    collecting, lists = _collecting(study, pools), _lists(study)
    publishing = [
        *warehouse_assets([videos_key(search.name) for search in study.searches], lists, pools.writer),
        ops_asset(pools.writer),
        published_asset(_expected_within(settings, study), pools.writer),
    ]
    of_lists = dg.AssetSelection.assets(*lists)
    collect = dg.define_asset_job(COLLECT, selection=dg.AssetSelection.groups(COLLECT))
    observe = [dg.define_asset_job(OBSERVE, selection=of_lists)] if lists else []
    publish = dg.define_asset_job(PUBLISH, selection=dg.AssetSelection.groups(WAREHOUSE, PUBLISH))
    refresh = dg.define_asset_job(REFRESH_JOB, selection=dg.AssetSelection.groups(DUTIES))
    report = dg.define_asset_job(REPORT_JOB, selection=dg.AssetSelection.groups(REPORTS))
    return dg.Definitions(
        assets=[*collecting, *publishing, report_page, refresh_asset(study, pools)],
        asset_checks=[*(coverage_check(search) for search in study.searches), warehouse_checks],
        jobs=[collect, publish, report, refresh, *observe, query_changed],
        schedules=[
            daily_schedule("daily", collect, collector),
            *(daily_schedule("daily_lists", job, collector) for job in observe),
            refresh_schedule(refresh, collector),
        ],
        sensors=[
            quota_sensor([collect, *observe], collector),
            publish_sensor(publish),
            report_sensor(report, collector),
            *alert_sensors(collector),
            prune_sensor(collector),
        ],
        resources={"collector": collector_resource(collector)},
        executor=dg.in_process_executor,
    )


def _expected_within(settings: Settings, study: Study) -> timedelta | None:
    """After how long without a publication the published file is late; None when the last look is over."""
    is_over = study.last_day and today(settings.open_clock()) > study.last_day + timedelta(days=max(study.looks) + 1)
    return None if is_over else _LATE


def _collecting(study: Study, pools: Pools) -> list[dg.AssetsDefinition]:
    days = days_of_study(study)
    keys = [videos_key(search.name) for search in study.searches]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # backfill_policy, which we rely on, is beta in 1.13
        searches = [videos_asset(search, days, study.file, pools) for search in study.searches]
        observed = social_assets(study, days_of_observation(study), pools)
        of_videos = [found_videos_asset(row, days, keys, study.file, pools) for row in OF_FOUND_VIDEOS.values()]
        return [*searches, *of_videos, *observed]


def _lists(study: Study) -> list[dg.AssetKey]:
    return [key_of(asset_of(account_list)) for account_list in (study.accounts.lists if study.accounts else ())]


def without_study(problem: str) -> dg.Definitions:
    """Definitions with one asset whose description says what to do."""
    return dg.Definitions(assets=[dg.AssetSpec("write_a_study_first", description=problem, group_name=COLLECT)])
