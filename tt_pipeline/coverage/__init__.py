"""What do we have, and what is due?

This room computes the statuses of days, comments, profiles and account lists, and decides what is due. It sends
nothing; the only file that it writes is the note of the data dir's server (`source.py`). `planning/` computes what the
remaining work costs, and `ingestion/` collects it.

Words: a *window* is a span of consecutive days that one query covers. A *look* is one collection of a day, a list or a
profile; it is complete when its last page has landed. A *slot* is a position in a result, with a visible or a hidden
video. *Landed* means stored as received. `docs/glossary.md` explains the other words.
"""

from tt_pipeline.coverage.account_lists import (
    AccountListCoverage,
    ListTarget,
    PendingObservation,
    asset_of,
    begun_on,
    list_coverage_rows,
    list_of,
    look_status,
    quota_bucket,
)
from tt_pipeline.coverage.asset_days import AssetDay, comment_days, list_days, profile_days
from tt_pipeline.coverage.client_key import accept_key, check_key, known_key, recall_key
from tt_pipeline.coverage.day_notes import forget_wrong_notes, note_days
from tt_pipeline.coverage.due_work import Work, due, due_outdated_days, needs_request
from tt_pipeline.coverage.landed import index_of, min_requests
from tt_pipeline.coverage.publication_failure import (
    forget_publication_failure,
    last_publication_failure,
    note_publication_failure,
)
from tt_pipeline.coverage.restored import Restored, forget_restored, note_restored, read_restored
from tt_pipeline.coverage.running import RunningProcess, alive_folder, run_note, running_now, shown_as_running
from tt_pipeline.coverage.sampling import SIZE_CLASS_MINIMUMS, Drawing, random_number
from tt_pipeline.coverage.search_days import (
    UNSTATED_ENDS,
    DayCoverage,
    age_days,
    days_refused,
    has_last_look,
    looks_of_query,
    looks_to_begin,
    query_includes,
    reached_end_or_cap,
    reached_end_or_present_cap,
)
from tt_pipeline.coverage.source import check_source, remember_source, replace_source, source_of
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.coverage.suspicion import canary_kind_of, canary_query
from tt_pipeline.coverage.unfinished import UnfinishedWork, unfinished_work
from tt_pipeline.coverage.windows import (
    Window,
    cut_windows,
    days_between,
    is_too_wide,
    max_days_per_window,
    spans_of_days,
)
from tt_pipeline.coverage.workspace import Workspace, make_places, open_workspace, tombstones_of

__all__ = [
    "SIZE_CLASS_MINIMUMS",
    "UNSTATED_ENDS",
    "AccountListCoverage",
    "AssetDay",
    "DayCoverage",
    "Drawing",
    "ListTarget",
    "PendingObservation",
    "Restored",
    "RunningProcess",
    "StudyCoverage",
    "UnfinishedWork",
    "Window",
    "Work",
    "Workspace",
    "accept_key",
    "age_days",
    "alive_folder",
    "asset_of",
    "begun_on",
    "canary_kind_of",
    "canary_query",
    "check_key",
    "check_source",
    "comment_days",
    "cut_windows",
    "days_between",
    "days_refused",
    "due",
    "due_outdated_days",
    "forget_publication_failure",
    "forget_restored",
    "forget_wrong_notes",
    "has_last_look",
    "index_of",
    "is_too_wide",
    "known_key",
    "last_publication_failure",
    "list_coverage_rows",
    "list_days",
    "list_of",
    "look_status",
    "looks_of_query",
    "looks_to_begin",
    "make_places",
    "max_days_per_window",
    "min_requests",
    "needs_request",
    "note_days",
    "note_publication_failure",
    "note_restored",
    "open_workspace",
    "profile_days",
    "query_includes",
    "quota_bucket",
    "random_number",
    "reached_end_or_cap",
    "reached_end_or_present_cap",
    "read_restored",
    "recall_key",
    "remember_source",
    "replace_source",
    "run_note",
    "running_now",
    "shown_as_running",
    "source_of",
    "spans_of_days",
    "tombstones_of",
    "unfinished_work",
]
