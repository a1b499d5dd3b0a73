"""Which words do invented texts use? They are read once from `texts/*.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeCountry:
    """A region where creators of a language registered, how many of all creators do, and its offset from UTC."""

    language: str
    region: str
    weight: float
    utc_offset_h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicWords:
    """The hashtags and sentences of one topic in one language."""

    hashtags: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What all languages share in a topic."""

    name: str
    weight: float
    hashtags: tuple[str, ...]
    words: tuple[str, ...]
    emoji: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """All invented text of one language."""

    code: str
    names: tuple[str, ...]
    latin_names: tuple[str, ...]
    openers: tuple[str, ...]
    closers: tuple[str, ...]
    tails: tuple[str, ...]
    """Short endings with a number `{n}` in them."""
    bios: tuple[str, ...]
    comments: tuple[str, ...]
    replies: tuple[str, ...]
    topics: dict[str, TopicWords]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordLists:
    """All words and lists."""

    generic_hashtags: tuple[str, ...]
    stickers: tuple[str, ...]
    effects: tuple[str, ...]
    labels: tuple[str, ...]
    topics: tuple[Topic, ...]
    places: tuple[HomeCountry, ...]
    languages: dict[str, Language]


@cache
def word_lists() -> WordLists:
    """The word lists that come with the package."""
    shared = _read("shared")
    return WordLists(
        generic_hashtags=tuple(shared["generic_hashtags"]),
        stickers=tuple(shared["stickers"]),
        effects=tuple(shared["effects"]),
        labels=tuple(shared["labels"]),
        topics=tuple(Topic(name=name, **_tuples(words)) for name, words in shared["topics"].items()),
        places=tuple(
            HomeCountry(language=language, region=region, weight=weight, utc_offset_h=hours)
            for language, regions in shared["languages"].items()
            for region, (weight, hours) in regions.items()
        ),
        languages={code: _language(code) for code in shared["languages"]},
    )


def _language(code: str) -> Language:
    table = _read(code)
    topics = {name: TopicWords(**_tuples(words)) for name, words in table.pop("topics").items()}
    return Language(code=code, topics=topics, **_tuples(table))


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "texts" / f"{name}.toml").read_text(encoding="utf-8"))
