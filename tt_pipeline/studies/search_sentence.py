"""Describe a search or its query as an English phrase, so that people can check what will be searched."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from tt_pipeline.counted import counted
from tt_pipeline.query import Condition, Query, spoken
from tt_pipeline.studies.study import Search
from tt_pipeline.vocabulary import ConditionField, Operation, VideoLength

_MOST_NAMED = 8
_EITHER: Final = "either "

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
    """The search as a phrase without full stop: `videos that have hashtag bee and are from DE, excluding …`."""
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
    videos = f"videos that {needed}" if (needed := _needed(query)) else "all videos"
    unwanted = spoken([_phrase(condition) for condition in query.none_of])
    return f"{videos}, excluding those that {unwanted}" if unwanted else videos


def _needed(query: Query) -> str:
    either, every = _either(query.any_of), [_phrase(condition) for condition in query.all_of]
    if either.startswith(_EITHER) and every:
        return f"{either}, and {spoken(every, last='and')}"
    return spoken([*([either] if either else []), *every], last="and")


def _either(conditions: Sequence[Condition]) -> str:
    match conditions:
        case (
            Condition(field=ConditionField.KEYWORD, values=words),
            Condition(field=ConditionField.HASHTAG_NAME, values=tags),
        ) if set(words) == set(tags):
            return f"have {named(words)} in their text or hashtags"
        case (only,):
            return _phrase(only)
        case ():
            return ""
        case _:
            return _EITHER + " or ".join(_phrase(condition) for condition in conditions)


def _phrase(condition: Condition) -> str:
    return _PHRASES[condition.field](condition)


def _naming(before: str, after: str = "") -> Callable[[Condition], str]:
    return lambda condition: f"{before} {named(condition.values)}{after}"


def _counted(thing: str) -> Callable[[Condition], str]:
    def phrase(condition: Condition) -> str:
        plural = "" if condition.values == ("1",) else "s"
        return f"have {_COUNTS[condition.operation]} {_spoken(_grouped(condition.values))} {thing}{plural}"

    return phrase


def _lasting(condition: Condition) -> str:
    return f"last {spoken([_LENGTHS[VideoLength(value)] for value in condition.values])}"


def _posted(condition: Condition) -> str:
    days = [date.fromisoformat(value).isoformat() for value in condition.values]
    return f"were posted {_TIMES[condition.operation]} {_spoken(days)}"


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
    ConditionField.USERNAME: _naming("are by"),
    ConditionField.REGION_CODE: _naming("are from"),
    ConditionField.VIDEO_ID: _naming("have id"),
    ConditionField.HASHTAG_NAME: _naming("have hashtag"),
    ConditionField.KEYWORD: _naming("have", " in their text"),
    ConditionField.MUSIC_ID: _naming("use music"),
    ConditionField.EFFECT_ID: _naming("use effect"),
    ConditionField.VIDEO_LENGTH: _lasting,
    ConditionField.VIEW_COUNT: _counted("view"),
    ConditionField.COMMENT_COUNT: _counted("comment"),
}
