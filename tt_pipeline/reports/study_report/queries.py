"""The queries of a study in English and as JSON, without names of accounts and ids unless the reader wants them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from tt_pipeline.counted import counted
from tt_pipeline.query import Condition, Query
from tt_pipeline.reports.study_report.rows import PublishedStudy
from tt_pipeline.studies import sentence
from tt_pipeline.vocabulary import ConditionField, Operation

_NOUNS: Final = {
    ConditionField.USERNAME.value: "account",
    ConditionField.VIDEO_ID.value: "video id",
    ConditionField.MUSIC_ID.value: "sound id",
    ConditionField.EFFECT_ID.value: "effect id",
}
"""Conditions whose values name a person or lead to one."""
_NAMING: Final = re.compile(r"@[\w.]*\w|(?<![\w.-])\d{15,}(?![\w.-])")
"""A username after an @, or an id, in a text."""
_GROUPS: Final = ("and", "or", "not")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentQuery:
    """A version of a search's query.

    Attributes:
        search: Name of the search.
        fingerprint: Identity of the version.
        is_current: Whether the study has it now.
        english: What it asks for; None if it cannot be read.
        json_text: The query as it is sent, without dates.
        first_date: First UTC day of posting; None if the study no longer has the version.
        last_date: Last one; None also if it has no end.
        first_asked_at: When it was first sent, UTC; None if it was not sent yet.
        last_asked_at: When it was last sent, UTC.
    """

    search: str
    fingerprint: str
    is_current: bool
    english: str | None
    json_text: str
    first_date: date | None
    last_date: date | None
    first_asked_at: datetime | None
    last_asked_at: datetime | None


def sent_queries(study: PublishedStudy, *, with_names: bool) -> list[SentQuery]:
    """Every version of every search of the study, by search and time.

    Args:
        study: The published file.
        with_names: Whether values that name accounts, videos or sounds are shown; otherwise their number is.
    """
    return [_query(dict(row), with_names=with_names) for row in study.rows_of("queries").rows]


def without_names(text: str) -> str:
    """A text with three dots in place of usernames after an @ and of ids."""
    return _NAMING.sub("…", text)


def _query(row: dict[str, Any], *, with_names: bool) -> SentQuery:
    content = json.loads(row["query"])
    if not with_names:
        content = {name: [_shown(each) for each in content[name]] for name in _GROUPS if name in content}
    parts = f", the first of {counted(row['parts'], 'part')}" if row["parts"] > 1 else ""
    english = _english(content)
    return SentQuery(
        search=row["search"],
        fingerprint=row["fingerprint"],
        is_current=row["is_current"],
        english=english and english + parts,
        json_text=json.dumps(content, ensure_ascii=False, indent=1),
        first_date=row["first_date"],
        last_date=row["last_date"],
        first_asked_at=row["first_asked_at"],
        last_asked_at=row["last_asked_at"],
    )


def _shown(condition: dict[str, Any]) -> dict[str, Any]:
    noun = _NOUNS.get(condition["field_name"])
    if noun is None:
        return condition | {"field_values": [without_names(f"{value}") for value in condition["field_values"]]}
    return condition | {"field_values": [counted(len(condition["field_values"]), f"{noun}") + " (not shown)"]}


def _english(content: dict[str, Any]) -> str | None:
    """The query in English; None if this version does not know a field or an operation in it."""
    try:
        groups = {name: tuple(_conditions(content.get(name, []))) for name in _GROUPS}
        return sentence(Query(all_of=groups["and"], any_of=groups["or"], none_of=groups["not"]))
    except (KeyError, ValueError):
        return None


def _conditions(group: list[dict[str, Any]]) -> Iterator[Condition]:
    for each in group:
        yield Condition(
            field=ConditionField(each["field_name"]),
            operation=Operation(each["operation"]),
            values=tuple(map(str, each["field_values"])),
        )
