"""What will a study cost?

This room estimates the requests and days of quota that every part of a study needs, which settings cost less, and which
share of the comments more days of quota make possible. It computes a plan from the study and the landed pages; nothing
is sent or written. `coverage/` decides what is due now, and `ingestion/` requests it.
"""

from tt_pipeline.planning.calibration import calibrated, open_coverage
from tt_pipeline.planning.cheaper_settings import CheaperSetting
from tt_pipeline.planning.estimate import CostLine, CostPart, Estimate, total
from tt_pipeline.planning.evidence import Evidence, assumed, read_overrides
from tt_pipeline.planning.searches import Edit, SearchPrice, edits, search_price
from tt_pipeline.planning.study_plan import Plan, SearchForecast, SocialCosts, plan
from tt_pipeline.planning.yield_curve import YieldPoint, points_to_show, wait_for_age

__all__ = [
    "CheaperSetting",
    "CostLine",
    "CostPart",
    "Edit",
    "Estimate",
    "Evidence",
    "Plan",
    "SearchForecast",
    "SearchPrice",
    "SocialCosts",
    "YieldPoint",
    "assumed",
    "calibrated",
    "edits",
    "open_coverage",
    "plan",
    "points_to_show",
    "read_overrides",
    "search_price",
    "total",
    "wait_for_age",
]
