"""Valid queries that are probably mistakes: each hint says what to write instead."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Final

from tt_pipeline.query import ORDERED_FIELDS, Condition, Query, spoken
from tt_pipeline.studies.wording import visible
from tt_pipeline.vocabulary import ConditionField, Operation

_SHORTEST = 3

_NARROWING: Final = frozenset(
    (
        ConditionField.KEYWORD,
        ConditionField.HASHTAG_NAME,
        ConditionField.USERNAME,
        ConditionField.VIDEO_ID,
        ConditionField.MUSIC_ID,
        ConditionField.EFFECT_ID,
    )
)
_MANY_A_VIDEO: Final = frozenset((ConditionField.KEYWORD, ConditionField.HASHTAG_NAME, ConditionField.EFFECT_ID))
# The most frequent words of some languages; as a keyword each matches nearly every video.
_COMMON: Final = frozenset(
    "the and you for this that with are have not was but all can der die das und ist nicht ein eine mit auf den von "
    "les des est une pas que pour dans qui sur los las por con una para como más não uma com del della che non per "
    "video tiktok fyp viral".split()
)


def hints_of(query: Query, *, is_bounded: bool = False) -> Iterator[str]:
    """One sentence for each kind of probable mistake, about its first case.

    Args:
        query: A legal query.
        is_bounded: The search has a sample or a daily maximum, so a very broad query may be intended.
    """
    for rule in (rule for rule in _RULES if not (is_bounded and rule is _everything)):
        found = list(rule(query))
        more = f" ({len(found) - 1:,} more of this kind.)" if found[1:] else ""
        yield from (first + more for first in found[:1])


def _canada(query: Query) -> Iterator[str]:
    if any("CA" in condition.values for condition in _on(ConditionField.REGION_CODE, _positive(query))):
        yield "CA is a valid region code, but TikTok returns no videos from Canada."


def _everything(query: Query) -> Iterator[str]:
    by_some = any(condition.field in _NARROWING for condition in query.all_of)
    by_either = bool(query.any_of) and all(condition.field in _NARROWING for condition in query.any_of)
    if not (by_some or by_either):
        yield "no keyword, hashtag, username or id narrows it: it matches nearly every video, at 100 videos a request."


def _never(query: Query) -> Iterator[str]:
    for first, second in combinations(_listing(query.all_of), 2):
        if first.field is second.field and not set(first.values) & set(second.values):
            words = spoken([*first.values, *second.values])
            if first.field in _MANY_A_VIDEO:
                yield f"two {first.field} conditions must both match; for {words} write one condition with IN."
            else:
                yield f"no video has two values of {first.field}; for {words} write one condition with IN."


def _excluded_too(query: Query) -> Iterator[str]:
    for wanted in _listing(_positive(query)):
        for unwanted in _listing(query.none_of):
            both = sorted(set(wanted.values) & set(unwanted.values))
            if wanted.field is unwanted.field and both:
                yield f"{both[0]!r} of {wanted.field} is both included and excluded."


def _tags_among_keywords(query: Query) -> Iterator[str]:
    for keyword in _values(ConditionField.KEYWORD, query):
        if keyword.startswith("#"):
            yield f"keyword {keyword!r} is searched in the description; to search hashtags, write it under hashtags."


def _joined_keywords(query: Query) -> Iterator[str]:
    for keyword in _values(ConditionField.KEYWORD, query):
        words = [word.strip() for word in keyword.split(",") if word.strip()]
        if words[1:]:
            yield f"keyword {keyword!r} is one phrase with its comma; for {spoken(words)} write a list."


def _short_keywords(query: Query) -> Iterator[str]:
    for keyword in _values(ConditionField.KEYWORD, query):
        # In other scripts a character can be a word.
        if keyword.isascii() and len(keyword.strip()) < _SHORTEST:
            yield f"keyword {keyword!r} is so short that it matches nearly anything."


def _common_words(query: Query) -> Iterator[str]:
    for keyword in _values(ConditionField.KEYWORD, query):
        if keyword.casefold().strip() in _COMMON:
            yield f"keyword {keyword!r} is in nearly every text of its language; it is too broad."


def _several_eq(query: Query) -> Iterator[str]:
    by_field: dict[ConditionField, list[str]] = {}
    for condition in query.any_of + query.none_of:
        if condition.operation is Operation.EQ:
            by_field.setdefault(condition.field, []).extend(condition.values)
    for field, values in by_field.items():
        if len(values) > 1:
            yield f"{len(values)} conditions with EQ on {field} are equivalent to one with IN: {spoken(values)}."


def _nested_keywords(query: Query) -> Iterator[str]:
    for condition in _on(ConditionField.KEYWORD, _positive(query)):
        alone = {value.casefold(): value for value in condition.values if len(value.split()) == 1}
        for value in condition.values:
            words = value.casefold().split()
            wider = [alone[word] for word in words if word in alone]
            if len(words) > 1 and wider:
                yield f"keyword {value!r} adds hardly any videos to those of {wider[0]!r} in the same list."


def _twins(query: Query) -> Iterator[str]:
    for condition in query.conditions:
        seen: dict[str, str] = {}
        for value in condition.values:
            twin = seen.setdefault(value.casefold(), value)
            if twin != value:
                yield f"{twin!r} and {value!r} of {condition.field} differ only in upper and lower case."


def _invisible(query: Query) -> Iterator[str]:
    for condition in query.conditions:
        for value in condition.values:
            if visible(value) != value:
                yield (
                    f"{value!a} of {condition.field} has characters that cannot be seen, or accents apart from "
                    "their letters; it is sent as it is and probably finds nothing."
                )


def _repeated(query: Query) -> Iterator[str]:
    for condition in query.conditions:
        seen: set[str] = set()
        for value in condition.values:
            if value in seen:
                yield f"{value!r} of {condition.field} is written twice."
            seen.add(value)


def _moving_counts(query: Query) -> Iterator[str]:
    moving = {c.field for c in query.conditions} & ORDERED_FIELDS - {ConditionField.CREATE_DATE}
    if moving:
        yield f"{spoken(sorted(moving), last='and')} in TikTok's archive can be 10 days old; later looks find more."


def _positive(query: Query) -> tuple[Condition, ...]:
    return query.all_of + query.any_of


def _listing(conditions: Sequence[Condition]) -> list[Condition]:
    return [c for c in conditions if c.operation in {Operation.EQ, Operation.IN}]


def _on(field: ConditionField, conditions: Sequence[Condition]) -> list[Condition]:
    return [condition for condition in conditions if condition.field is field]


def _values(field: ConditionField, query: Query) -> list[str]:
    return [value for condition in _on(field, _positive(query)) for value in condition.values]


_RULES: Final[tuple[Callable[[Query], Iterator[str]], ...]] = (
    _canada,
    _everything,
    _never,
    _excluded_too,
    _tags_among_keywords,
    _joined_keywords,
    _short_keywords,
    _common_words,
    _several_eq,
    _nested_keywords,
    _twins,
    _repeated,
    _invisible,
    _moving_counts,
)
