"""The types in which DuckDB parses bodies and envelopes, made from the rows of the codebook.

Numbers are read from numbers and from digits in quotes. DuckDB drops or rounds a value of another type without an
error; `type_mismatches.py` finds such values first. The key of a record is read as text, which rounds nothing. A field
that the codebook does not describe stays in the landed file.
"""

import json
from collections.abc import Mapping
from typing import Final

from tt_pipeline.codebook.datasets import LOADED
from tt_pipeline.codebook.endpoints import Endpoint
from tt_pipeline.codebook.fields import Field, Stored, WireType
from tt_pipeline.vocabulary import Dataset

_SCALARS: Final[Mapping[WireType, str]] = {
    WireType.INTEGER: "BIGINT",
    WireType.ID: "BIGINT",
    WireType.SECONDS: "BIGINT",
    WireType.TEXT: "VARCHAR",
    WireType.BOOLEAN: "BOOLEAN",
    WireType.JSON: "JSON",
}
_LISTS: Final[Mapping[WireType, str]] = {WireType.IDS: "BIGINT", WireType.TEXTS: "VARCHAR"}

LISTS: Final[Mapping[Dataset, tuple[str, ...]]] = {
    row.dataset: row.endpoint.list_keys for row in LOADED if row.endpoint.list_keys
}
"""The keys under which the records of a page may be, the first that is there. A profile has no list."""


def _structure(record: tuple[Field, ...]) -> dict[str, object]:
    return {field.name: _kind(field) for field in record if field.stored is not Stored.NOWHERE}


def _kind(field: Field) -> object:
    if field.stored is Stored.KEY:
        return "VARCHAR"
    if field.type is WireType.OBJECTS:
        return [_structure(field.items)]
    return [_LISTS[field.type]] if field.type in _LISTS else _SCALARS[field.type]


def _data_of(endpoint: Endpoint) -> dict[str, object]:
    record = _structure(endpoint.record)
    return record if endpoint.is_flat else {key: [record] for key in endpoint.list_keys}


STRUCTURE: Final[Mapping[str, object]] = {
    "data": {key: kind for row in LOADED for key, kind in _data_of(row.endpoint).items()}
}
"""Of the bodies of all endpoints at once: a page has one of the lists, or a profile as keys of `data` itself."""

BODY = json.dumps(STRUCTURE)
"""The same as the argument of DuckDB's `from_json`."""

ENVELOPE = str(
    {
        "dataset": "VARCHAR",
        "search": "VARCHAR",
        "fingerprint": "VARCHAR",
        "look": "BIGINT",
        "window_from": "DATE",
        "window_to": "DATE",
        "subject": "VARCHAR",
        "request": "STRUCT(query JSON, is_random BOOLEAN, comment_id BIGINT, playlist_id BIGINT, cursor BIGINT)",
        "fetched_at": "TIMESTAMPTZ",
        "log_id": "VARCHAR",
        "cursor": "BIGINT",
        "records": "BIGINT",
        "refusal": "VARCHAR",
        "ends": "VARCHAR",
        "sha256": "VARCHAR",
        "redacted": "BIGINT",
        "rejected": "STRUCT(size BIGINT, is_cut BOOLEAN, sha256 VARCHAR, head VARCHAR, reason VARCHAR)[]",
        "body": "VARCHAR",
    }
)
"""The columns of a landed line that the warehouse needs, as the argument of DuckDB's `read_json`."""
