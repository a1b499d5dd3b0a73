"""Read JSON that a server sent, so that no value in it can break what stores, sends or logs it.

Every answer is opened here, once by the client and once by each room that reads a landed page. Half surrogate pairs
become U+FFFD, NULs are removed (in keys: become U+FFFD), numbers that JSON does not know become None, and of a key
that comes twice the first value counts. Whole numbers keep their size, because an
id of a task exceeds 64 bits; `ids.whole_number` says which of them are usable.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

MOST_NESTED: Final = 64
"""Lists and objects inside one another; an answer of the API has 6."""
MOST_VALUES: Final = 50_000
"""Values of all kinds in an answer; 100 videos have about 10,000. Each takes up to 64 bytes of memory for 2 of text."""
_DIGITS_READ: Final = 400
_WORDS: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""A text in JSON, or its beginning where it has no end: what was looked at once is not looked at again."""
_HALF_PAIR_OR_NUL: Final = re.compile(r"\\u(?:d[89a-f]|0000)", re.IGNORECASE)
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class NotJson(ValueError):
    """A text that is not JSON, or too deeply nested to be read."""


class JsonText(NamedTuple):
    """A body that was read as JSON.

    Attributes:
        value: Any JSON value.
        text: The body as text: without a byte order mark, and with U+FFFD in place of bytes that are not UTF-8.
    """

    value: Any
    text: str


def read_json(body: bytes | str, *, is_cleaned: bool = True) -> JsonText:
    """Read a body as JSON.

    Args:
        is_cleaned: Half pairs and NULs are replaced; who counts them reads them as they are.

    Raises:
        NotJson: It cannot be read; the message says why.
    """
    text = body if isinstance(body, str) else body.decode("utf-8-sig", errors="replace")
    text = text.removeprefix("\ufeff")
    if text.count(",") >= MOST_VALUES and _WORDS.sub("", text).count(",") >= MOST_VALUES:
        raise NotJson(f"JSON with more than {MOST_VALUES:,} values")
    try:
        value = _parsed(text)
    except (ValueError, RecursionError) as error:
        raise NotJson(f"not JSON ({_short(error)})") from error
    if not _is_shallow(value):
        raise NotJson(f"JSON with more than {MOST_NESTED} lists and objects inside one another")
    has_odd = is_cleaned and _HALF_PAIR_OR_NUL.search(text)
    return JsonText(cleaned(value) if has_odd else value, text)


def is_plain(value: str, *, longest: int) -> bool:
    """Whether a text can be sent, logged and stored as it is: not empty, not too long, one line, whole characters."""
    if not 0 < len(value) <= longest or "\ufffd" in value:
        return False
    return value.isprintable() or not _CONTROLS.search(
        value
    )  # most texts are printable, which is known ten times sooner


def one_line(value: object, *, longest: int) -> str:
    """A value as a text for logs and messages: one line of whole characters, cut where it is too long."""
    text = str(value)
    if not (text.isascii() and text.isprintable()):
        text = _whole_characters(_CONTROLS.sub(" ", text))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def cleaned(value: Any) -> Any:
    """A JSON value with U+FFFD in place of half pairs, and without NULs; in keys U+FFFD replaces them."""
    if isinstance(value, str):
        return _whole_characters(value.replace("\x00", ""))
    if isinstance(value, dict):
        # A key with a NUL must not become one that is read.
        return {_whole_characters(key.replace("\x00", "\ufffd")): cleaned(inner) for key, inner in value.items()}
    return [cleaned(inner) for inner in value] if isinstance(value, list) else value


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=lambda _: None, object_pairs_hook=_first_of_each)
    except json.JSONDecodeError:
        raise
    except ValueError:  # Python refuses to read an integer of thousands of digits; it is no value of ours
        return json.loads(
            text,
            parse_constant=lambda _: None,
            object_pairs_hook=_first_of_each,
            parse_int=lambda digits: int(digits) if len(digits) < _DIGITS_READ else None,
        )


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of a key that comes twice it has the first value, as DuckDB reads it."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else dict(reversed(pairs))


def _short(error: BaseException) -> str:
    return str(error) if isinstance(error, json.JSONDecodeError) else "too deeply nested"


def _is_shallow(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_NESTED):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not level:
            return True
    return False


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _whole_characters(text: str) -> str:
    """The text with U+FFFD in place of each half of a surrogate pair."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
