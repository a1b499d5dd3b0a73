"""Lists the keys of the answers, and marks those that the codebook does not describe, such as new fields of TikTok."""

from collections.abc import Iterator
from typing import Any, Final

from tt_pipeline.codebook.endpoints import ENDPOINTS
from tt_pipeline.landing import Index

_AROUND_RECORDS: Final = frozenset({"cursor", "has_more", "search_id"})
_KNOWN: Final = _AROUND_RECORDS.union(*(each.known_keys.union(each.list_keys) for each in ENDPOINTS.values()))


def fields(index: Index) -> Iterator[dict[str, Any]]:
    """Rows of `ops.fields`."""
    for seen in index.fields():
        yield {
            "dataset": seen.dataset.value,
            "field": seen.field,
            "is_known": seen.field in _KNOWN,
            "first_seen_at": seen.first_at,
            "last_seen_at": seen.last_at,
        }
