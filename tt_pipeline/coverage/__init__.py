"""What do we have, and what is due?

Here belong the statuses of days, comments, profiles and lists, and the rules by which something is due: pure functions
over what has landed. Nothing is sent or written. What a plan costs is `planning/`; carrying it out is `ingestion/`.
"""

from tt_pipeline.coverage.account_lists import (
    AccountListCoverage,
    ListTarget,
    PendingObservation,
    asset_of,
    begun_on,
    bucket_of,
    list_of,
    list_rows,
    look_status,
)
from tt_pipeline.coverage.comments import NOT_REPEATED
from tt_pipeline.coverage.due_work import Work, due, needs_request
from tt_pipeline.coverage.landed import pages_for
from tt_pipeline.coverage.sampling import SIZES, random_number
from tt_pipeline.coverage.search_days import DayCoverage, age_days, draws_wanted, in_range, is_complete, windows_of
from tt_pipeline.coverage.source import check_source, claim_source, remember_source, source_of
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.coverage.suspicion import canary, kind_of
from tt_pipeline.coverage.unfinished import unfinished_work
from tt_pipeline.coverage.windows import (
    MAX_DAYS,
    PAGE_SLOTS,
    Window,
    cut,
    days_between,
    is_too_wide,
    spans,
    widest_window,
)
from tt_pipeline.coverage.workspace import Workspace, open_workspace

__all__ = [
    "MAX_DAYS",
    "NOT_REPEATED",
    "PAGE_SLOTS",
    "SIZES",
    "AccountListCoverage",
    "DayCoverage",
    "ListTarget",
    "PendingObservation",
    "StudyCoverage",
    "Window",
    "Work",
    "Workspace",
    "age_days",
    "asset_of",
    "begun_on",
    "bucket_of",
    "canary",
    "check_source",
    "claim_source",
    "cut",
    "days_between",
    "draws_wanted",
    "due",
    "in_range",
    "is_complete",
    "is_too_wide",
    "kind_of",
    "list_of",
    "list_rows",
    "look_status",
    "needs_request",
    "open_workspace",
    "pages_for",
    "random_number",
    "remember_source",
    "source_of",
    "spans",
    "unfinished_work",
    "widest_window",
    "windows_of",
]
