"""A client of TikTok's Research API that returns pages of videos, comments and accounts.

This room sends requests and reads answers. The caller's gate decides whether a request may be sent, and `landing/`
stores pages. The client also works alone:

    from tt_pipeline.research_api import ResearchApi
"""

from tt_pipeline.codebook.endpoints import ENDPOINTS, CursorKind, Endpoint
from tt_pipeline.codebook.fields import USER_VIDEO_FIELDS
from tt_pipeline.research_api.answer_limits import AnswerLimits
from tt_pipeline.research_api.auth import Credentials
from tt_pipeline.research_api.client import ResearchApi
from tt_pipeline.research_api.compliance import Category, TaskStatus
from tt_pipeline.research_api.found import Found, further_keys
from tt_pipeline.research_api.gate import OpenGate, Reservation, SendGate
from tt_pipeline.research_api.http_client import check_network, used_variables
from tt_pipeline.research_api.page import JsonObject, Page, Resume
from tt_pipeline.research_api.paging import identities
from tt_pipeline.research_api.probe import probe_server
from tt_pipeline.research_api.request_bodies import LONGEST_WINDOW, chunks
from tt_pipeline.research_api.retry import OUTAGE_CODES, REJECTED, RetryPolicy

__all__ = [
    "ENDPOINTS",
    "LONGEST_WINDOW",
    "OUTAGE_CODES",
    "REJECTED",
    "USER_VIDEO_FIELDS",
    "AnswerLimits",
    "Category",
    "Credentials",
    "CursorKind",
    "Endpoint",
    "Found",
    "JsonObject",
    "OpenGate",
    "Page",
    "ResearchApi",
    "Reservation",
    "Resume",
    "RetryPolicy",
    "SendGate",
    "TaskStatus",
    "check_network",
    "chunks",
    "further_keys",
    "identities",
    "probe_server",
    "used_variables",
]
