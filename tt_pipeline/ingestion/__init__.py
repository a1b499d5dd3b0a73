"""How are answers collected, stored, loaded and published? Searches, comments, profiles and lists.

This room has the collection session, the loop of all collections, the requests of each kind of collection, and the
delivery to analysts. `coverage/` decides what is due; `orchestration/` decides when a collection runs.
"""

from tt_pipeline.ingestion.account_lists import collect_list
from tt_pipeline.ingestion.completeness import check_complete
from tt_pipeline.ingestion.delivery import (
    EVERY_FILE_IS_LOADED,
    check_warehouse,
    check_writer,
    check_writer_is_free,
    load_landed,
    publish_warehouse,
    rebuild_warehouse,
    write_ops_tables,
)
from tt_pipeline.ingestion.found_videos import COLLECTIONS
from tt_pipeline.ingestion.report import CollectReport, DayReport, Receipt, counted
from tt_pipeline.ingestion.session import CollectionSession, ProgressListener, check_may_spend, open_session
from tt_pipeline.ingestion.trial import Trial, try_search
from tt_pipeline.ingestion.videos import collect_videos, video_reports

__all__ = [
    "COLLECTIONS",
    "EVERY_FILE_IS_LOADED",
    "CollectReport",
    "CollectionSession",
    "DayReport",
    "ProgressListener",
    "Receipt",
    "Trial",
    "check_complete",
    "check_may_spend",
    "check_warehouse",
    "check_writer",
    "check_writer_is_free",
    "collect_list",
    "collect_videos",
    "counted",
    "load_landed",
    "open_session",
    "publish_warehouse",
    "rebuild_warehouse",
    "try_search",
    "video_reports",
    "write_ops_tables",
]
