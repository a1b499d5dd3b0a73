"""What Dagster keeps of runs that ended three days ago takes a third of the room.

Dagster writes a file for each run, in which 30 tables and indexes take a page of 4 KB each, and most events once more
into an index. After three days a run's file has small pages, and the events of its steps are only in the index, which
the pages of assets show. Its start and end, its log lines, warnings and errors stay, and so does its output. Of the
results of a check the last of each day stays, and of the days that a run collected only that it did, not that it was
going to.
What days, checks and tables show as their state does not change.
"""

from datetime import timedelta
from pathlib import Path
from typing import Final

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage

from tt_pipeline.clock import real_now
from tt_pipeline.orchestration.requests import ENDED
from tt_pipeline.sqlite_size import page_size, shrink

_WHOLE_FOR: Final = timedelta(days=3)
_SMALL_PAGE: Final = 512
_OF_STEPS: Final = """
delete from event_logs where dagster_event_type in (
  'STEP_START', 'STEP_INPUT', 'STEP_OUTPUT', 'STEP_SUCCESS', 'HANDLED_OUTPUT', 'LOADED_INPUT',
  'RESOURCE_INIT_STARTED', 'RESOURCE_INIT_SUCCESS',
  'ASSET_MATERIALIZATION', 'ASSET_MATERIALIZATION_PLANNED', 'ASSET_OBSERVATION',
  'ASSET_CHECK_EVALUATION', 'ASSET_CHECK_EVALUATION_PLANNED')"""
_RESULTS: Final = """
delete from asset_check_executions where create_timestamp < ? and id not in (
  select max(id) from asset_check_executions
  group by asset_key, check_name, execution_status, date(create_timestamp))"""
_EVENTS_OF_CHECKS: Final = """
delete from event_logs where timestamp < ?
and dagster_event_type in ('ASSET_CHECK_EVALUATION', 'ASSET_CHECK_EVALUATION_PLANNED')"""

_PLANNED_AND_MADE: Final = """
delete from event_logs where timestamp < ? and dagster_event_type = 'ASSET_MATERIALIZATION_PLANNED' and exists (
  select 1 from event_logs as made
  where made.dagster_event_type = 'ASSET_MATERIALIZATION' and made.run_id = event_logs.run_id
  and made.asset_key = event_logs.asset_key and made.partition is event_logs.partition)"""


def shrink_runs(instance: dg.DagsterInstance) -> int:
    """Make what is kept of runs that ended three days ago smaller, once for each run; returns their number.

    A file that another process is using stays as it is until the next call.
    """
    storage, before = instance.event_log_storage, real_now() - _WHOLE_FOR
    if not isinstance(storage, SqliteEventLogStorage):
        return 0
    ended = instance.get_run_records(dg.RunsFilter(statuses=list(ENDED), updated_before=before))
    files = [Path(storage.path_for_shard(record.dagster_run.run_id)) for record in ended]
    large = [file for file in files if file.exists() and page_size(file) > _SMALL_PAGE]
    small = sum(shrink(file, [(_OF_STEPS, ())], new_page_size=_SMALL_PAGE) for file in large)
    if small:
        written = f"{before:%Y-%m-%d %H:%M:%S}"
        index = Path(storage.path_for_shard("index"))
        shrink(index, [(statement, (written,)) for statement in (_RESULTS, _EVENTS_OF_CHECKS, _PLANNED_AND_MADE)])
    return small


def give_room_back(instance: dg.DagsterInstance) -> None:
    """Write the list of runs and the index of events again without the room of what was deleted."""
    storage = instance.event_log_storage
    if isinstance(storage, SqliteEventLogStorage):
        index = Path(storage.path_for_shard("index"))
        for file in (index, index.parent.parent / "runs.db"):
            if file.exists():
                shrink(file, [])
