"""What will a study cost?

This room estimates the requests and days of quota that every part of a study needs, which settings cost less, and which
share of the comments more days of quota make possible. It also prices what would be requested again, and remembers who
agreed to that price (`confirmed.py`, the only module that writes a file). Nothing is sent. `coverage/` decides what
is due now, and `ingestion/` requests it.
"""

from tt_pipeline.planning.calibration import calibrated, open_coverage
from tt_pipeline.planning.cheaper_settings import CheaperSetting
from tt_pipeline.planning.confirmed import (
    ConfirmedWork,
    confirmations,
    confirmed_work,
    forget_old_edits,
    unconfirmed_edits,
    waiting_sentence,
)
from tt_pipeline.planning.day_prices import price_of_days
from tt_pipeline.planning.differences import Edit, edits
from tt_pipeline.planning.disk import DiskSpace, disk_space
from tt_pipeline.planning.estimate import CostLine, CostPart, Estimate, total
from tt_pipeline.planning.evidence import Evidence, assumed, read_overrides
from tt_pipeline.planning.repeats import Repeat, RepeatReason, edited_searches, repeats_again
from tt_pipeline.planning.searches import SearchPrice, search_price
from tt_pipeline.planning.study_plan import Plan, SearchForecast, SocialCosts, plan
from tt_pipeline.planning.yield_curve import YieldPoint, points_to_show, wait_for_age

__all__ = [
    "CheaperSetting",
    "ConfirmedWork",
    "CostLine",
    "CostPart",
    "DiskSpace",
    "Edit",
    "Estimate",
    "Evidence",
    "Plan",
    "Repeat",
    "RepeatReason",
    "SearchForecast",
    "SearchPrice",
    "SocialCosts",
    "YieldPoint",
    "assumed",
    "calibrated",
    "confirmations",
    "confirmed_work",
    "disk_space",
    "edited_searches",
    "edits",
    "forget_old_edits",
    "open_coverage",
    "plan",
    "points_to_show",
    "price_of_days",
    "read_overrides",
    "repeats_again",
    "search_price",
    "total",
    "unconfirmed_edits",
    "wait_for_age",
    "waiting_sentence",
]
