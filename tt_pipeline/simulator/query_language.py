"""Which videos match a query?

A video matches if every `and` condition, at least one `or` condition (if there are any) and no `not` condition is true.
This module checks fields, operations and values of a query, according to the documentation, but not dates and paging.
Source: https://developers.tiktok.com/doc/research-api-specs-query-videos/
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.posting import fold_text
from tt_pipeline.simulator.randomness import seeded_share
from tt_pipeline.simulator.responses import invalid_params
from tt_pipeline.simulator.video_model import Counts, Video, effects_of
from tt_pipeline.vocabulary import REGION_CODES, ConditionField, Operation, VideoLength

VideoTest = Callable[[Video], bool]
CountsOf = Callable[[Video], Counts]
_ORDERS: dict[Operation, Callable[[Any, Any], bool]] = {
    Operation.GT: operator.gt,
    Operation.GTE: operator.ge,
    Operation.LT: operator.lt,
    Operation.LTE: operator.le,
}
_ORDERED_FIELDS = {ConditionField.CREATE_DATE, ConditionField.VIEW_COUNT, ConditionField.COMMENT_COUNT}
_NUMBER_FIELDS = {
    ConditionField.VIDEO_ID,
    ConditionField.MUSIC_ID,
    ConditionField.EFFECT_ID,
    ConditionField.VIEW_COUNT,
    ConditionField.COMMENT_COUNT,
}
_OPENAPI_NAMES = {"id": ConditionField.VIDEO_ID, "video_description": ConditionField.KEYWORD}
_GROUPS = ("and", "or", "not")
_FUZZ_MIN_LENGTH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    field: ConditionField
    operation: Operation
    values: tuple[str, ...]


def compile_query(query: object, *, knobs: Knobs, counts_of: CountsOf) -> VideoTest:
    """The query object of a request as a function that tests a video.

    Raises:
        Refused: The query is not legal.
    """
    if not isinstance(query, Mapping):
        raise invalid_params("Query is required")
    groups = {name: _read_group(query.get(name), name, knobs) for name in _GROUPS}
    unknown = set(query) - set(_GROUPS)
    if unknown or not any(groups.values()):
        raise invalid_params("Query must hold at least one condition in and, or, not")
    return _combine(*([_test(condition, knobs, counts_of) for condition in groups[name]] for name in _GROUPS))


def _combine(every: list[VideoTest], some: list[VideoTest], none: list[VideoTest]) -> VideoTest:
    def matches(video: Video) -> bool:
        return (
            all(test(video) for test in every)
            and (not some or any(test(video) for test in some))
            and not any(test(video) for test in none)
        )

    return matches


def _read_group(group: object, name: str, knobs: Knobs) -> list[_Condition]:
    if group is None:
        return []
    if not isinstance(group, list):
        raise invalid_params(f"Query group {name} must be a list")
    if knobs.max_conditions is not None and len(group) > knobs.max_conditions:
        raise invalid_params(f"Query group {name} holds too many conditions")
    return [_read_condition(condition, knobs) for condition in group]


def _read_condition(condition: object, knobs: Knobs) -> _Condition:
    if not isinstance(condition, Mapping):
        raise invalid_params("A condition must be an object")
    field = _read_field(condition.get("field_name"), knobs)
    operation = _read_operation(condition.get("operation"))
    values = condition.get("field_values")
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise invalid_params(f"Field values of {field} must be a list of strings")
    if operation is not Operation.IN and len(values) != 1:
        raise invalid_params(f"Operation {operation} takes exactly one value")
    if knobs.max_values_per_condition is not None and len(values) > knobs.max_values_per_condition:
        raise invalid_params(f"Field values of {field} are too many")
    if operation in _ORDERS and field not in _ORDERED_FIELDS and not knobs.lenient_ops:
        raise invalid_params(f"Operation {operation} is invalid for {field}")
    for value in values:
        _check_value(field, value)
    return _Condition(field=field, operation=operation, values=tuple(values))


def _read_field(name: object, knobs: Knobs) -> ConditionField:
    if knobs.accept_openapi_names and isinstance(name, str) and name in _OPENAPI_NAMES:
        return _OPENAPI_NAMES[name]
    if not isinstance(name, str) or name not in set(ConditionField):
        raise invalid_params(f"Field name is invalid: {name}")
    return ConditionField(name)


def _read_operation(name: object) -> Operation:
    if not isinstance(name, str) or name not in set(Operation):
        raise invalid_params(f"Operation is invalid: {name}")
    return Operation(name)


def _check_value(field: ConditionField, value: str) -> None:
    if field in _NUMBER_FIELDS:
        is_legal = value.isascii() and value.isdigit() and len(value) <= 19  # noqa: PLR2004 — digits of 2**63
    elif field is ConditionField.REGION_CODE:
        is_legal = value in REGION_CODES
    elif field is ConditionField.VIDEO_LENGTH:
        is_legal = value in set(VideoLength)
    elif field is ConditionField.CREATE_DATE:
        is_legal = read_day(value) is not None
    else:
        is_legal = value != ""
    if not is_legal:
        raise invalid_params(f"Field values of {field} are invalid: {value}")


def read_day(text: object) -> date | None:
    """The day written as YYYYMMDD; None if it is not one."""
    if not isinstance(text, str) or len(text) != 8 or not (text.isascii() and text.isdigit()):  # noqa: PLR2004
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _test(condition: _Condition, knobs: Knobs, counts_of: CountsOf) -> VideoTest:
    test = _keyword_test(condition, knobs)
    if condition.field is not ConditionField.KEYWORD or condition.operation in _ORDERS:
        test = _value_test(condition, _values_of(condition.field, knobs, counts_of))
    if condition.field is ConditionField.USERNAME and knobs.username_filter_leak_rate > 0:
        return lambda video: test(video) or seeded_share("leak", video.id) < knobs.username_filter_leak_rate
    return test


def _value_test(condition: _Condition, values_of: Callable[[Video], Iterable[Any]]) -> VideoTest:
    wanted = [_comparable(condition.field, value) for value in condition.values]
    if condition.operation in _ORDERS:
        compare, limit = _ORDERS[condition.operation], wanted[0]
        return lambda video: any(compare(value, limit) for value in values_of(video))
    chosen = frozenset(wanted)
    return lambda video: not chosen.isdisjoint(values_of(video))


def _comparable(field: ConditionField, value: str) -> Any:
    if field in _NUMBER_FIELDS:
        return int(value)
    return value if field in {ConditionField.REGION_CODE, ConditionField.VIDEO_LENGTH} else fold_text(value)


def _values_of(field: ConditionField, knobs: Knobs, counts_of: CountsOf) -> Callable[[Video], Iterable[Any]]:
    readers: dict[ConditionField, Callable[[Video], Iterable[Any]]] = {
        ConditionField.CREATE_DATE: lambda video: (f"{datetime.fromtimestamp(video.create_time, UTC):%Y%m%d}",),
        ConditionField.USERNAME: lambda video: (knobs.present_username(video.creator.username),),
        ConditionField.REGION_CODE: lambda video: (video.creator.place.region,),
        ConditionField.VIDEO_ID: lambda video: (video.id,),
        ConditionField.HASHTAG_NAME: lambda video: video.folded_hashtags,
        ConditionField.KEYWORD: lambda video: (video.folded,),
        ConditionField.MUSIC_ID: lambda video: (video.music_id,),
        ConditionField.EFFECT_ID: lambda video: [effect.id for effect in effects_of(video)],
        ConditionField.VIDEO_LENGTH: lambda video: (length_of(video.duration),),
        ConditionField.VIEW_COUNT: lambda video: (counts_of(video).view_count,),
        ConditionField.COMMENT_COUNT: lambda video: (counts_of(video).comment_count,),
    }
    return readers[field]


def length_of(duration_s: int) -> VideoLength:
    """The length class of a duration; the documentation names 15 s, 60 s and 5 min, but not on which side they are."""
    if duration_s < 15:  # noqa: PLR2004 — the documented limits
        return VideoLength.SHORT
    if duration_s <= 60:  # noqa: PLR2004
        return VideoLength.MID
    return VideoLength.LONG if duration_s <= 300 else VideoLength.EXTRA_LONG  # noqa: PLR2004


def _keyword_test(condition: _Condition, knobs: Knobs) -> VideoTest:
    """True if the description contains all words of at least one value."""
    wanted = [[_stem(word, knobs) for word in fold_text(value).split()] for value in condition.values]
    return lambda video: any(all(word in video.folded for word in words) for words in wanted)


def _stem(word: str, knobs: Knobs) -> str:
    return word[:-2] if knobs.keyword_fuzz and len(word) >= _FUZZ_MIN_LENGTH else word
