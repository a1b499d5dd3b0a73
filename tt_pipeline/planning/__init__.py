"""What a study will cost, before anything is spent: pure arithmetic over the study and what has landed.

Nothing here sends, writes or waits. What should be done now is `due.py`.
"""

from tt_pipeline.planning.calibration import landed
from tt_pipeline.planning.cheaper_settings import CheaperSetting
from tt_pipeline.planning.estimate import CostLine, CostPart, Estimate, total
from tt_pipeline.planning.evidence import Evidence, assumed, read_given
from tt_pipeline.planning.searches import Edit, SearchPrice, edits, search_price
from tt_pipeline.planning.study_plan import Bill, Outlook, Plan, open_holdings, plan
from tt_pipeline.planning.yield_curve import YieldPoint, wait_for_age, worth_listing

__all__ = [
    "Bill",
    "CheaperSetting",
    "CostLine",
    "CostPart",
    "Edit",
    "Estimate",
    "Evidence",
    "Outlook",
    "Plan",
    "SearchPrice",
    "YieldPoint",
    "assumed",
    "edits",
    "landed",
    "open_holdings",
    "plan",
    "read_given",
    "search_price",
    "total",
    "wait_for_age",
    "worth_listing",
]
