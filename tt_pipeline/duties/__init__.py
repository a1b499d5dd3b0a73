"""What must be deleted, and how is it proved? Deletions in every copy, and the records that remain of them.

A deletion is written down before its first step and ends only when every copy that tt_pipeline knows is without the
data; a process that is killed meanwhile leaves a deletion that goes on. This room is above `ingestion/`, `reports/` and
`safekeeping/`, because each of them makes copies.
"""

from tt_pipeline.duties.agreed_duties import AGREED, AgreedDuty
from tt_pipeline.duties.checking_stored import RefreshReport, RefreshState, price_of_checks, refresh, refresh_state
from tt_pipeline.duties.copies import copies_with
from tt_pipeline.duties.data_management import management_plan
from tt_pipeline.duties.deletion import DeletionReport, carry_out, is_under_way, remove_deleted, resume
from tt_pipeline.duties.ending import EndReport, count_everything, end_study
from tt_pipeline.duties.forgetting import forget_takedowns
from tt_pipeline.duties.journal import Deletion, read_deletion
from tt_pipeline.duties.returned_copies import has_returned
from tt_pipeline.duties.selecting import PurgeRequest, Selection, select
from tt_pipeline.duties.signed_reports import verify_reports
from tt_pipeline.duties.state_of_duties import DutyState, KeyFile, duty_state

__all__ = [
    "AGREED",
    "AgreedDuty",
    "Deletion",
    "DeletionReport",
    "DutyState",
    "EndReport",
    "KeyFile",
    "PurgeRequest",
    "RefreshReport",
    "RefreshState",
    "Selection",
    "carry_out",
    "copies_with",
    "count_everything",
    "duty_state",
    "end_study",
    "forget_takedowns",
    "has_returned",
    "is_under_way",
    "management_plan",
    "price_of_checks",
    "read_deletion",
    "refresh",
    "refresh_state",
    "remove_deleted",
    "resume",
    "select",
    "verify_reports",
]
