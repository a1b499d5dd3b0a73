"""The Research API's query language as values: conditions in three groups, their rules, their JSON, their identity.

This module defines a query and which conditions are legal. `studies/` reads queries from the study file,
`research_api/` sends them, and `warehouse/` checks whether a row matches one.

Source: https://developers.tiktok.com/doc/research-api-specs-query-videos/ (2026)
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Final, TypeAlias

from tt_pipeline.codebook.limits import LONGEST_LIST
from tt_pipeline.errors import UsageError
from tt_pipeline.ids import id_number
from tt_pipeline.links import username_in, video_id_in
from tt_pipeline.vocabulary import REGION_CODES, ConditionField, Operation, VideoLength

Values: TypeAlias = str | int | date | Sequence[str] | Sequence[int]
"""What a condition of `query()` takes: one value, or a list of which one must match."""

FIELD_ALIASES: Final = {"id": ConditionField.VIDEO_ID, "video_description": ConditionField.KEYWORD}
"""Field names from a third-party description of the API that people copy; accepted in a study, never sent."""

ORDERED_FIELDS: Final = frozenset(
    (ConditionField.CREATE_DATE, ConditionField.VIEW_COUNT, ConditionField.COMMENT_COUNT),
)
"""Fields with an order, which GT, GTE, LT and LTE can compare; the others are words, ids and codes."""

_REGION_ALIASES: Final = {"UK": "GB", "EL": "GR"}
_CONTROL: Final = re.compile("[\\x00-\\x1f\\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison; every value is text, even numbers and ids, because the API requires it."""

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

    def problems(self) -> tuple[str, ...]:
        """Reasons why the API would refuse or misread this condition; empty when it is legal."""
        found = (
            operation_problem(self.field, self.operation),
            count_problem(self.operation, len(self.values)),
            *(value_problem(self.field, value) for value in self.values),
        )
        return tuple(problem for problem in found if problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Every `all_of` AND (at least one `any_of`, if there are any) AND none of `none_of`."""

    all_of: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    none_of: tuple[Condition, ...] = ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of all groups; the API refuses a query without any."""
        return self.all_of + self.any_of + self.none_of

    def body(self) -> dict[str, list[dict[str, object]]]:
        """The JSON that is sent as `query`; empty groups are left out."""
        groups = {"and": self.all_of, "or": self.any_of, "not": self.none_of}
        return {name: [condition.body() for condition in group] for name, group in groups.items() if group}

    def and_(self, *conditions: Condition, **values: Values) -> "Query":
        """This query with further conditions that a video must meet; see `query`."""
        return replace(self, all_of=(*self.all_of, *conditions, *_conditions_of(values)))

    def or_(self, *conditions: Condition, **values: Values) -> "Query":
        """This query with further conditions of which a video must meet at least one; see `query`."""
        return replace(self, any_of=(*self.any_of, *conditions, *_conditions_of(values)))

    def not_(self, *conditions: Condition, **values: Values) -> "Query":
        """This query with further conditions that no video may meet; see `query`."""
        return replace(self, none_of=(*self.none_of, *conditions, *_conditions_of(values)))

    def fingerprint(self, **further: object) -> str:
        """The identity of a query: sha256 over its canonical body without dates and cursor.

        The order of conditions and values does not change it, nor does a repeated value, because neither matters to
        the API. Upper and lower case do: whether the API distinguishes them is not documented.

        Args:
            further: Other parameters that change the answer, for example `is_random=True`.
        """
        groups = {"and": self.all_of, "or": self.any_of, "not": self.none_of}
        canonical = {name: _canonical(group) for name, group in groups.items() if group}
        text = json.dumps([canonical, further], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def query() -> Query:
    """A query to build on: `query().and_(region_code=["JP", "US"], view_count__gte=1000).not_(video_length="SHORT")`.

    The names are those of the API's fields. One value is compared with EQ, a list with IN, and `__gt`, `__gte`, `__lt`
    or `__lte` behind the name of a date or count compares so. Accounts and videos may be links. A wrong name or value
    raises a `UsageError` that says what to write instead.
    """
    return Query()


def _conditions_of(written: Mapping[str, Values]) -> Iterator[Condition]:
    for name, values in written.items():
        field, operation = _field_and_operation(name, values)
        several = [values] if isinstance(values, str | int | date) else values
        condition = Condition(field=field, operation=operation, values=tuple(_sent(field, value) for value in several))
        if problems := condition.problems():
            raise UsageError(f"{name}: {' '.join(problems)}")
        yield condition


def _field_and_operation(name: str, values: Values) -> tuple[ConditionField, Operation]:
    plain, _, compared = name.partition("__")
    field = field_named(plain)
    if field is None or compared.upper() not in {"", *Operation}:
        nearest = get_close_matches(plain, list(ConditionField), n=1)
        hint = f" Did you mean {nearest[0]}?" if nearest and field is None else ""
        raise UsageError(f"{name} is not a condition of the Research API; use {spoken(tuple(ConditionField))}.{hint}")
    is_single = isinstance(values, str | int | date)
    return field, Operation(compared.upper()) if compared else Operation.EQ if is_single else Operation.IN


def _sent(field: ConditionField, value: str | int | date) -> str:
    """A value as the API takes it: text, days as 20261001, the handle or id of a link."""
    if isinstance(value, date):
        return f"{value:%Y%m%d}"
    if field is ConditionField.USERNAME:
        return username_in(str(value))
    return str(video_id_in(value)) if field is ConditionField.VIDEO_ID else str(value)


def _canonical(group: Sequence[Condition]) -> list[tuple[str, str, tuple[str, ...]]]:
    return sorted({(c.field.value, c.operation.value, tuple(sorted(set(c.values)))) for c in group})


def with_short_lists(query: Query, *, longest: int = LONGEST_LIST) -> Query:
    """The same query as it is sent, with no IN list longer than `longest`; the fingerprint is that of the whole list.

    In `or` and `not` a long list is split into short ones. In `and` it is moved to `or` and split if `or` is empty;
    otherwise it stays as it is, because no single query is equivalent.
    """
    all_of, any_of = query.all_of, query.any_of
    long = [condition for condition in all_of if len(condition.values) > longest]
    if len(long) == 1 and not any_of:
        all_of, any_of = tuple(condition for condition in all_of if condition not in long), (long[0],)
    return Query(all_of=all_of, any_of=_short(any_of, longest), none_of=_short(query.none_of, longest))


def without_values(query: Query, is_left_out: Callable[[ConditionField, str], bool]) -> Query | None:
    """The query without some values of its conditions; None if it asks for these alone.

    What it excludes stays: a video that is excluded is not requested.
    """
    all_of = tuple(_without(condition, is_left_out) for condition in query.all_of)
    any_of = tuple(left for each in query.any_of if (left := _without(each, is_left_out)).values)
    if not all(condition.values for condition in all_of) or (query.any_of and not any_of):
        return None
    return replace(query, all_of=all_of, any_of=any_of)


def _without(condition: Condition, is_left_out: Callable[[ConditionField, str], bool]) -> Condition:
    values = tuple(value for value in condition.values if not is_left_out(condition.field, value))
    return condition if values == condition.values else replace(condition, values=values)


def _short(group: Sequence[Condition], longest: int) -> tuple[Condition, ...]:
    return tuple(
        replace(condition, values=condition.values[start : start + longest])
        for condition in group
        for start in range(0, len(condition.values), longest)
    )


def legal_operations(field: ConditionField) -> tuple[Operation, ...]:
    """The operations that a field allows, in the codebook's order."""
    return tuple(Operation) if field in ORDERED_FIELDS else (Operation.EQ, Operation.IN)


def field_named(name: str) -> ConditionField | None:
    """The field with this name or alias; None when there is none."""
    if name in FIELD_ALIASES:
        return FIELD_ALIASES[name]
    return ConditionField(name) if name in set(ConditionField) else None


def operation_problem(field: ConditionField, operation: Operation) -> str | None:
    """Why a field does not allow this operation; None when it does."""
    legal = legal_operations(field)
    return None if operation in legal else f"{operation} does not fit {field}; use {spoken(legal)}."


def count_problem(operation: Operation, count: int) -> str | None:
    """Why an operation does not take this number of values; None when it does."""
    if count == 0:
        return "is empty; write at least one value."
    if count > 1 and operation is not Operation.IN:
        remedy = "use IN" if operation is Operation.EQ else "write one condition for each"
        return f"{operation} takes exactly one value, but there are {count}; {remedy}."
    return None


def value_problem(field: ConditionField, value: str) -> str | None:
    """Why this is not a legal value of a field; None when it is."""
    if not value.strip():
        return "is empty; a value that starts with # or @ needs quotes."
    if _CONTROL.search(value):
        return f"{value!r} contains a control character; retype it."
    problem = _RULES[field](value)
    return f"{value!r} {problem}" if problem else None


def spoken(words: Sequence[str], *, last: str = "or") -> str:
    """Words as people list them: a, b or c."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _hashtag(value: str) -> str | None:
    if "#" in value:
        return "contains a #; write hashtags without it."
    return "contains a space; a hashtag is one word." if re.search(r"\s", value) else None


def _username(value: str) -> str | None:
    return "is not a username; write the handle without @." if re.search(r"[@/\s]", value) else None


def _region(value: str) -> str | None:
    if value in REGION_CODES:
        return None
    likely = _REGION_ALIASES.get(value.upper(), value.upper())
    remedy = f"did you mean {likely}?" if likely in REGION_CODES else "use two capital letters as in DE (ISO 3166)."
    return f"is not a region code of the Research API; {remedy}"


def _id(value: str) -> str | None:
    is_id = _is_number(value) and id_number(value) is not None
    return None if is_id else "is not an id; write its digits, up to 19 of them."


def _count(value: str) -> str | None:
    return None if _is_number(value) else "is not a whole number; write digits only, for example 1000."


def _length(value: str) -> str | None:
    return None if value in set(VideoLength) else f"is not a video length; use {spoken(tuple(VideoLength))}."


def _day(value: str) -> str | None:
    try:
        date.fromisoformat(value if re.fullmatch("[0-9]{8}", value) else "")
    except ValueError:
        return "is not a day; write YYYYMMDD, for example 20261001."
    return None


def _any_text(_: str) -> None:
    return None


def _is_number(value: str) -> bool:
    # Not \d, which matches digits of every script: the API accepts only these ten. No number has more than 19 digits.
    return re.fullmatch("[0-9]{1,19}", value) is not None


_RULES: Final[dict[ConditionField, Callable[[str], str | None]]] = {
    ConditionField.CREATE_DATE: _day,
    ConditionField.USERNAME: _username,
    ConditionField.REGION_CODE: _region,
    ConditionField.VIDEO_ID: _id,
    ConditionField.HASHTAG_NAME: _hashtag,
    ConditionField.KEYWORD: _any_text,
    ConditionField.MUSIC_ID: _id,
    ConditionField.EFFECT_ID: _id,
    ConditionField.VIDEO_LENGTH: _length,
    ConditionField.VIEW_COUNT: _count,
    ConditionField.COMMENT_COUNT: _count,
}
