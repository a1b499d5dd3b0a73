"""May I ask? The ledger of requests and the policy over it.

Here belongs what counts requests: how many were sent today, how many may follow, when the bucket opens again.
What a request is, and what it brought, belongs elsewhere.
"""

from tt_pipeline.quota.ledger import (
    Ledger,
    LedgerGate,
    Purpose,
    key_fingerprint,
)
from tt_pipeline.quota.policy import (
    DEFAULT_LIMITS,
    BucketUse,
    days_of_quota,
    may_send,
)

__all__ = [
    "DEFAULT_LIMITS",
    "BucketUse",
    "Ledger",
    "LedgerGate",
    "Purpose",
    "days_of_quota",
    "key_fingerprint",
    "may_send",
]
