"""The quota: a ledger counts requests, and a policy decides whether one more may be sent.

This room knows how many requests were sent today, how many are left, and when a bucket is reset. It does not know
what a request contains or what it returned.
"""

from tt_pipeline.quota.ledger import (
    COUNTED_AGAIN,
    KnownZone,
    Ledger,
    LedgerGate,
    Purpose,
    StudyUse,
    key_fingerprint,
    key_of,
)
from tt_pipeline.quota.ledger_sql import LEDGER_VERSION
from tt_pipeline.quota.moving import MovedLedger, move_ledger
from tt_pipeline.quota.policy import BucketUse, days_of_quota, may_send
from tt_pipeline.quota.request_limit import RequestLimit

__all__ = [
    "COUNTED_AGAIN",
    "LEDGER_VERSION",
    "BucketUse",
    "KnownZone",
    "Ledger",
    "LedgerGate",
    "MovedLedger",
    "Purpose",
    "RequestLimit",
    "StudyUse",
    "days_of_quota",
    "key_fingerprint",
    "key_of",
    "may_send",
    "move_ledger",
]
