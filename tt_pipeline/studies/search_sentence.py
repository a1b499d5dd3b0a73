"""Describe a search or its query as an English phrase, so that people can check what will be searched."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from tt_pipeline.counted import counted
from tt_pipeline.query import Condition, Query, spoken
from tt_pipeline.studies.study import Search
from tt_pipeline.vocabulary import ConditionField, Operation, VideoLength

_MOST_NAMED = 8

_LENGTHS: Final = {
    VideoLength.SHORT: "under 15 seconds",
    VideoLength.MID: "15 to 60 seconds",
    VideoLength.LONG: "1 to 5 minutes",
    VideoLength.EXTRA_LONG: "over 5 minutes",
}
_COUNTS: Final = {
    Operation.EQ: "exactly",
    Operation.IN: "exactly",
    Operation.GT: "more than",
    Operation.GTE: "at least",
    Operation.LT: "fewer than",
    Operation.LTE: "at most",
}
_TIMES: Final = {
    Operation.EQ: "on",
    Operation.IN: "on",
    Operation.GT: "after",
    Operation.GTE: "on or after",
    Operation.LT: "before",
    Operation.LTE: "on or before",
}


def sentence(described: Query | Search) -> str:
    """The search as a phrase without full stop: `videos whose text contains climate, from DE, excluding those by x`."""
    if isinstance(described, Query):
        return _conditions(described)
    if described.parts:
        ids = sum(len(condition.values) for condition in described.query.all_of)
        return f"the videos of {counted(ids, 'id')}, in {counted(len(described.parts), 'request')}"
    return _chosen(described) + _conditions(described.query)


def _chosen(search: Search) -> str:
    if search.sample:
        drawn = f" drawn {search.sample.draws} times," if search.sample.draws > 1 else ""
        return f"a random sample of {counted(search.sample.random, 'video')} a day,{drawn} of "
    if search.max_videos_per_day:
        return f"at most the newest {search.max_videos_per_day:,} a day of "
    return ""


def _conditions(query: Query) -> str:
    either = _either(query.any_of)
    wanted = [*([either] if either else []), *(_phrase(condition) for condition in query.all_of)]
    unwanted = spoken([f"those {_phrase(condition)}" for condition in query.none_of], last="and")
    videos = f"videos {', '.join(wanted)}" if wanted else "all videos"
    return f"{videos}, excluding {unwanted}" if unwanted else videos


def _either(conditions: Sequence[Condition]) -> str:
    match conditions:
        case (
            Condition(field=ConditionField.KEYWORD, values=words),
            Condition(field=ConditionField.HASHTAG_NAME, values=tags),
        ) if set(words) == set(tags):
            return f"whose text or hashtags contain {named(words)}"
        case (only,):
            return _phrase(only)
        case ():
            return ""
        case _:
            return "either " + " or ".join(_phrase(condition) for condition in conditions)


def _phrase(condition: Condition) -> str:
    return _PHRASES[condition.field](condition)


def _starting(words: str) -> Callable[[Condition], str]:
    return lambda condition: f"{words} {named(condition.values)}"


def _counted(things: str) -> Callable[[Condition], str]:
    return lambda condition: f"with {_COUNTS[condition.operation]} {_spoken(_grouped(condition.values))} {things}"


def _lasting(condition: Condition) -> str:
    return f"lasting {spoken([_LENGTHS[VideoLength(value)] for value in condition.values])}"


def _posted(condition: Condition) -> str:
    days = [date.fromisoformat(value).isoformat() for value in condition.values]
    return f"posted {_TIMES[condition.operation]} {_spoken(days)}"


def _grouped(numbers: Sequence[str]) -> list[str]:
    return [f"{int(number):,}" for number in numbers]


def named(values: Sequence[str], *, last: str = "or") -> str:
    """The values as an English list; of a long one the first values and the number of the others."""
    # Quotes separate a value with a space or comma from the sentence.
    quoted = [value if value.replace(",", " ").split() == [value] else f'"{value}"' for value in values]
    return _spoken(quoted, last=last)


def _spoken(words: Sequence[str], *, last: str = "or") -> str:
    shown, more = words[: _MOST_NAMED - 1], len(words) - _MOST_NAMED + 1
    return spoken([*shown, f"{more:,} more"] if len(words) > _MOST_NAMED else words, last=last)


_PHRASES: Final[dict[ConditionField, Callable[[Condition], str]]] = {
    ConditionField.CREATE_DATE: _posted,
    ConditionField.USERNAME: _starting("by"),
    ConditionField.REGION_CODE: _starting("from"),
    ConditionField.VIDEO_ID: _starting("with id"),
    ConditionField.HASHTAG_NAME: _starting("with hashtag"),
    ConditionField.KEYWORD: _starting("whose text contains"),
    ConditionField.MUSIC_ID: _starting("with music"),
    ConditionField.EFFECT_ID: _starting("with effect"),
    ConditionField.VIDEO_LENGTH: _lasting,
    ConditionField.VIEW_COUNT: _counted("views"),
    ConditionField.COMMENT_COUNT: _counted("comments"),
}
