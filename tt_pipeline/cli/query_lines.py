"""The JSON of a query on the screen: one condition a line, broken between values only, so that it can be copied."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.cells import cell_len

from tt_pipeline.query import Query, with_short_lists

_BREAK: Final = "\0"
"""A character that JSON escapes, so that it marks only where a line may end."""


def query_lines(query: Query, width: int) -> str:
    """The query as it is sent, in lines of at most this width; a wider value stays whole."""
    groups = with_short_lists(query).body().items()
    return "{" + ",\n ".join(_group(name, conditions, width) for name, conditions in groups) + "}"


def _group(name: str, conditions: Sequence[Mapping[str, Any]], width: int) -> str:
    start = f'"{name}": ['
    indent = len("{" + start)
    return start + f",\n{' ' * indent}".join(_condition(each, width, indent) for each in conditions) + "]"


def _condition(condition: Mapping[str, Any], width: int, indent: int) -> str:
    text = json.dumps(condition, ensure_ascii=False, separators=(f",{_BREAK}", ": "))
    return f"\n{' ' * (indent + 1)}".join(_filled(text.split(_BREAK), width - indent - len("{" + "]},")))


def _filled(pieces: Iterable[str], width: int) -> Iterable[str]:
    line = ""
    for piece in pieces:
        longer = f"{line} {piece}" if line else piece
        if line and cell_len(longer) > width:
            yield line
            longer = piece
        line = longer
    yield line
