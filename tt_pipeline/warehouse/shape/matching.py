"""Decides from a video's own fields whether it matches the query that found it.

This is necessary because the API's username filter returns videos of other accounts, and its keywords match
approximately. This module defines what each condition means for a record; `query.py` defines which ones are legal.

The result is true, false or NULL. A condition is NULL if the record lacks the fields that it needs, or if we do not
know the condition; `and`, `or` and `not` combine these values as in SQL.

- username: equal, ignoring case. region_code, music_id, video_id: equal.
- hashtag_name: equal, ignoring case, to one of the listed names or one of the hashtags in the description.
- keyword: the description contains each word of the keyword, also within longer words, ignoring case and width. NULL
  if it does not but the API may have found the keyword elsewhere: the transcript or a sticker contains it, or the video
  has no description.
- effect_id: equal to one of the listed ids; NULL without a list, because the API omits the list of many videos with
  effects.
- video_length: from the duration in whole seconds; NULL at 60, which is both "15 to 60 s" and "1 to 5 min".
- view_count, comment_count: the counts of this record. create_date: the UTC day.

Source: https://developers.tiktok.com/doc/research-api-specs-query-videos/ (2026)
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from tt_pipeline.query import ORDERED_FIELDS
from tt_pipeline.vocabulary import ConditionField, Operation, VideoLength

FIELDS: Final = (
    "video_id",
    "created_date",
    "username",
    "region_code",
    "video_description",
    "voice_to_text",
    "hashtag_names",
    "hashtag_info_list",
    "sticker_info_list",
    "effect_ids",
    "effect_info_list",
    "music_id",
    "video_duration",
    "view_count",
    "comment_count",
)
"""The fields of a parsed record that conditions use."""

_GROUPS: Final = frozenset(("and", "or", "not"))
_UNKNOWN: Final = pl.lit(None, dtype=pl.Boolean)
_GREATEST: Final = 2**63 - 1
_AMBIGUOUS_S: Final = 60
_OF_A_MINUTE: Final = frozenset((VideoLength.MID, VideoLength.LONG))
_COMPARE: Final[Mapping[Operation, Callable[[pl.Expr, object], pl.Expr]]] = {
    Operation.GT: pl.Expr.gt,
    Operation.GTE: pl.Expr.ge,
    Operation.LT: pl.Expr.lt,
    Operation.LTE: pl.Expr.le,
}


def matches(query: pl.Expr) -> pl.Expr:
    """Whether each record matches its query; NULL if its fields do not show it.

    Args:
        query: The column with the `query` of the request as JSON text; the frame also has the columns of `FIELDS`.
    """
    return pl.struct(query.alias("query"), *FIELDS).map_batches(_judged, return_dtype=pl.Boolean())


def _judged(records: pl.Series) -> pl.Series:
    """Evaluate one expression for each different query, because files have few queries and many records."""
    # Texts are folded once, because a query can compare them a hundred times, and only if a query needs them.
    unnested = records.struct.unnest().with_row_index("place").lazy().with_columns(**_FOLDED)
    parts = [
        unnested.filter(pl.col("query").eq_missing(query)).select("place", matches=_fits(query))
        for query in records.struct.field("query").unique()
    ]
    return pl.concat(pl.collect_all(parts)).sort("place")["matches"] if parts else pl.Series("matches", [], pl.Boolean)


def _fits(query: str | None) -> pl.Expr:
    """The expression for a query, which is the JSON text that was sent; it uses `FIELDS` and the folded texts."""
    groups: Any = json.loads(query or "null")
    if not isinstance(groups, dict) or not groups.keys() <= _GROUPS or not any(groups.values()):
        return _UNKNOWN
    every, some, none = (_conditions(groups.get(name)) for name in ("and", "or", "not"))
    return pl.all_horizontal(*every, *([pl.any_horizontal(some)] if some else []), *(~one for one in none))


def _conditions(group: object) -> list[pl.Expr]:
    if group is None:
        return []
    return [_condition(written) for written in group] if isinstance(group, list) else [_UNKNOWN]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    """A condition whose field and operation we know."""

    field: ConditionField
    operation: Operation
    values: Sequence[str]


def _condition(written: object) -> pl.Expr:
    try:
        return _test(_read(written))
    except (KeyError, TypeError, ValueError):
        return _UNKNOWN


def _read(wire: Any) -> _Condition:
    values = [str(value) for value in wire["field_values"]]
    if not all(value.strip() for value in values or [""]):
        raise ValueError(values)
    return _Condition(field=ConditionField(wire["field_name"]), operation=Operation(wire["operation"]), values=values)


def _test(condition: _Condition) -> pl.Expr:
    if condition.operation not in _COMPARE:
        return _TESTS[condition.field](condition.values)
    if condition.field not in ORDERED_FIELDS:
        return _UNKNOWN
    (limit,) = condition.values
    value, read = _ORDERED[condition.field]
    return _COMPARE[condition.operation](value, read(limit))


def _number(value: str) -> int:
    if not 0 <= (number := int(value)) <= _GREATEST:
        raise ValueError(value)
    return number


def _day(value: str) -> date:
    return date.fromisoformat(value)


_ORDERED: Final[Mapping[ConditionField, tuple[pl.Expr, Callable[[str], Any]]]] = {
    ConditionField.CREATE_DATE: (pl.col("created_date"), _day),
    ConditionField.VIEW_COUNT: (pl.col("view_count"), _number),
    ConditionField.COMMENT_COUNT: (pl.col("comment_count"), _number),
}


def _one_of(value: pl.Expr, read: Callable[[str], Any]) -> Callable[[Sequence[str]], pl.Expr]:
    return lambda values: value.is_in([read(text) for text in values])


def _folded(text: pl.Expr) -> pl.Expr:
    return text.str.normalize("NFKC").str.to_lowercase()


def _all_folded(values: Sequence[str]) -> list[str]:
    return pl.select(_folded(pl.lit(pl.Series(values, dtype=pl.String)))).to_series().to_list()


_STICKERS: Final = pl.col("sticker_info_list").list.eval(pl.element().struct.field("sticker_name")).list.join(" ")
_BORDER: Final = "\x1f"
"""Separates the hashtags of a video in one text: folding them together takes half the time of folding each."""
_NAMES: Final = pl.concat_str(
    pl.lit(""),
    pl.col("hashtag_names").list.join(_BORDER),
    pl.col("hashtag_info_list").list.eval(pl.element().struct.field("hashtag_name")).list.join(_BORDER),
    pl.lit(""),
    separator=_BORDER,
    ignore_nulls=True,
)
_HAS_HASHTAGS: Final = pl.any_horizontal(pl.col("hashtag_names", "hashtag_info_list").is_not_null())
_FOLDED: Final = {
    "text": _folded(pl.col("video_description")),
    "elsewhere": _folded(pl.concat_str(pl.col("voice_to_text"), _STICKERS, separator=" ", ignore_nulls=True)),
    "hashtags": pl.when(_HAS_HASHTAGS).then(_folded(_NAMES)),
}


def _username(values: Sequence[str]) -> pl.Expr:
    return _folded(pl.col("username")).is_in(_all_folded(values))


def _hashtag(values: Sequence[str]) -> pl.Expr:
    wanted = _all_folded(values)
    spelled = "|".join(re.escape(name) for name in wanted)
    listed = pl.col("hashtags").str.contains_any([f"{_BORDER}{name}{_BORDER}" for name in wanted])
    return _by_any(listed, pl.col("text").str.contains(rf"#(?:{spelled})(?:\W|$)"))


def _effect(values: Sequence[str]) -> pl.Expr:
    wanted = [_number(value) for value in values]
    return _by_any(
        _any_in(pl.col("effect_ids"), pl.element(), wanted),
        _any_in(pl.col("effect_info_list"), pl.element().struct.field("effect_id"), wanted),
    )


def _any_in(listed: pl.Expr, item: pl.Expr, wanted: Sequence[object]) -> pl.Expr:
    return listed.list.eval(item.is_in(wanted)).list.any()


def _by_any(*found: pl.Expr) -> pl.Expr:
    """True if one expression is true, otherwise the first that is not NULL; a missing list has no influence."""
    return pl.coalesce(pl.any_horizontal(found), *found)


def _keyword(values: Sequence[str]) -> pl.Expr:
    phrases = [phrase.split() for phrase in _all_folded(values)]
    cannot_tell = (pl.col("text").fill_null("") == "") | _says(pl.col("elsewhere"), phrases).fill_null(value=False)
    found = _says(pl.col("text"), phrases)
    return pl.when(found.fill_null(value=False) | ~cannot_tell).then(found)


def _says(text: pl.Expr, phrases: Sequence[Sequence[str]]) -> pl.Expr:
    words = [words[0] for words in phrases if len(words) == 1]
    several = [
        pl.all_horizontal(text.str.contains(w, literal=True) for w in words) for words in phrases if len(words) != 1
    ]
    return pl.any_horizontal(*([text.str.contains_any(words)] if words else []), *several)


def _length(values: Sequence[str]) -> pl.Expr:
    lengths = {VideoLength(value) for value in values}
    duration = pl.col("video_duration")
    is_long_as_wanted = pl.any_horizontal(_LENGTHS[length](duration) for length in lengths)
    is_certain = duration != _AMBIGUOUS_S if len(lengths & _OF_A_MINUTE) == 1 else pl.lit(value=True)
    return pl.when(is_certain).then(is_long_as_wanted)


_LENGTHS: Final[Mapping[VideoLength, Callable[[pl.Expr], pl.Expr]]] = {
    VideoLength.SHORT: lambda duration: duration < 15,  # noqa: PLR2004 — the documented limits
    VideoLength.MID: lambda duration: duration.is_between(15, 60),
    VideoLength.LONG: lambda duration: duration.is_between(60, 300),
    VideoLength.EXTRA_LONG: lambda duration: duration > 300,  # noqa: PLR2004
}

_TESTS: Final[Mapping[ConditionField, Callable[[Sequence[str]], pl.Expr]]] = {
    ConditionField.CREATE_DATE: _one_of(pl.col("created_date"), _day),
    ConditionField.USERNAME: _username,
    ConditionField.REGION_CODE: _one_of(pl.col("region_code"), str),
    ConditionField.VIDEO_ID: _one_of(pl.col("video_id"), _number),
    ConditionField.HASHTAG_NAME: _hashtag,
    ConditionField.KEYWORD: _keyword,
    ConditionField.MUSIC_ID: _one_of(pl.col("music_id"), _number),
    ConditionField.EFFECT_ID: _effect,
    ConditionField.VIDEO_LENGTH: _length,
    ConditionField.VIEW_COUNT: _one_of(pl.col("view_count"), _number),
    ConditionField.COMMENT_COUNT: _one_of(pl.col("comment_count"), _number),
}
