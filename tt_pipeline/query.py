"""The Research API's query language as values: conditions in three groups, their JSON and their identity.

Here belongs what a query *is*. How people may write one is `studies/`, what may legally be sent `research_api/`,
whether a row fits it `warehouse/`.

Source: https://developers.tiktok.com/doc/research-api-specs-query-videos/ (2026)
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from tt_pipeline.vocabulary import ConditionField, Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison; every value is text, also numbers and ids, as the API wants it."""

    field: ConditionField
    operation: Operation
    values: tuple[str, ...]

    def body(self) -> dict[str, object]:
        """The JSON that is sent."""
        return {
            "operation": self.operation.value,
            "field_name": self.field.value,
            "field_values": list(self.values),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Every `all_of` AND (at least one `any_of`, if there are any) AND none of `none_of`."""

    all_of: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    none_of: tuple[Condition, ...] = ()

    def body(self) -> dict[str, list[dict[str, object]]]:
        """The JSON that is sent as `query`; empty groups are left out."""
        groups = {"and": self.all_of, "or": self.any_of, "not": self.none_of}
        return {name: [condition.body() for condition in group] for name, group in groups.items() if group}

    def fingerprint(self, **further: object) -> str:
        """The identity of what is asked: sha256 over the canonical body without dates and cursor.

        Order of conditions and values says nothing to the API and does not change it; neither does a repeated value.

        Args:
            further: What else changes the answer, for example `is_random=True`.
        """
        groups = {"and": self.all_of, "or": self.any_of, "not": self.none_of}
        canonical = {name: _canonical(group) for name, group in groups.items() if group}
        text = json.dumps([canonical, further], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _canonical(group: Sequence[Condition]) -> list[tuple[str, str, tuple[str, ...]]]:
    return sorted({(c.field.value, c.operation.value, tuple(sorted(set(c.values)))) for c in group})
