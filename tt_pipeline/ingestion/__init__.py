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
    deliver,
    deliver_if_behind,
    load_landed,
    on_writer,
    publish_warehouse,
    rebuild_warehouse,
    stored_rows,
    write_ops_tables,
)
from tt_pipeline.ingestion.found_videos import COLLECTIONS
from tt_pipeline.ingestion.once import (
    Extent,
    OneSearch,
    Position,
    Subjects,
    collect_search,
    collect_subjects,
    landed_search,
    looks_of,
    pages_of_search,
    pages_of_subjects,
    subject_records,
)
from tt_pipeline.ingestion.refreshing import Refresher, refresher_file
from tt_pipeline.ingestion.report import CollectReport, DayReport, Receipt
from tt_pipeline.ingestion.session import CollectionSession, ProgressListener, check_may_spend, open_session
from tt_pipeline.ingestion.targets import TargetState, owe_deletion, remove_targets, target_states
from tt_pipeline.ingestion.trial import Trial, try_search
from tt_pipeline.ingestion.users import verify_profiles
from tt_pipeline.ingestion.validations import COMMENT, VIDEO, Validation, Verdict, judge, read_validations
from tt_pipeline.ingestion.versions import check_versions
from tt_pipeline.ingestion.videos import collect_videos, video_reports

__all__ = [
    "COLLECTIONS",
    "COMMENT",
    "EVERY_FILE_IS_LOADED",
    "VIDEO",
    "CollectReport",
    "CollectionSession",
    "DayReport",
    "Extent",
    "OneSearch",
    "Position",
    "ProgressListener",
    "Receipt",
    "Refresher",
    "Subjects",
    "TargetState",
    "Trial",
    "Validation",
    "Verdict",
    "check_complete",
    "check_may_spend",
    "check_versions",
    "check_warehouse",
    "check_writer",
    "check_writer_is_free",
    "collect_list",
    "collect_search",
    "collect_subjects",
    "collect_videos",
    "deliver",
    "deliver_if_behind",
    "judge",
    "landed_search",
    "load_landed",
    "looks_of",
    "on_writer",
    "open_session",
    "owe_deletion",
    "pages_of_search",
    "pages_of_subjects",
    "publish_warehouse",
    "read_validations",
    "rebuild_warehouse",
    "refresher_file",
    "remove_targets",
    "stored_rows",
    "subject_records",
    "target_states",
    "try_search",
    "verify_profiles",
    "video_reports",
    "write_ops_tables",
]
