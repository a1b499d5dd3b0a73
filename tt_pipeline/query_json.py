"""A query from the API's own JSON, as people paste it from documentation or another program.

`studies/` reads the same JSON in a study file, where every mistake has its line.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tt_pipeline.errors import UsageError
from tt_pipeline.query import Condition, Query, field_named, spoken
from tt_pipeline.vocabulary import ConditionField, Operation

_GROUPS: Final = ("and", "or", "not")
_LARGEST: Final = 2 * 1024**2


def read_query(file: Path) -> Query:
    """The query in a JSON file: its groups and, or, not; a whole request with its `query` too.

    Raises:
        UsageError: The file or the query cannot be used; the message names the place.
    """
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:  # a pipe would never end
            raise UsageError(f"--query {file}: there is no such file, or it is not one query in JSON.")
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"--query {file}: it cannot be read as JSON ({error}).") from error
    return query_of(content.get("query", content) if isinstance(content, dict) else content, f"--query {file}")


def query_of(content: Any, place: str) -> Query:
    """The query with these groups: and, or, not.

    Args:
        content: Parsed JSON.
        place: Where it is, for messages.

    Raises:
        UsageError: It is no query; the message names the place.
    """
    if not isinstance(content, dict) or not content.keys() <= set(_GROUPS):
        raise UsageError(f'{place}: write groups of conditions, for example {{"and": […], "not": […]}}.')
    groups = {name: tuple(_conditions(content.get(name) or [], f"{place}: {name}")) for name in _GROUPS}
    if not any(groups.values()):
        raise UsageError(f"{place}: it has no condition; write at least one under and, or, not.")
    return Query(all_of=groups["and"], any_of=groups["or"], none_of=groups["not"])


def _conditions(group: Any, place: str) -> Iterator[Condition]:
    if not isinstance(group, list):
        raise UsageError(f"{place} is not a list of conditions.")
    for number, written in enumerate(group):
        condition = _condition(written, f"{place}[{number}]")
        if problems := condition.problems():
            raise UsageError(f"{place}[{number}]: {' '.join(problems)}")
        yield condition


def _condition(written: Any, place: str) -> Condition:
    values = written.get("field_values") if isinstance(written, dict) else None
    if not isinstance(values, list):
        raise UsageError(f"{place} needs field_name, operation and field_values, which is a list.")
    field, operation = field_named(str(written.get("field_name"))), str(written.get("operation")).upper()
    if field is None:
        raise UsageError(f"{place}.field_name: use {spoken(tuple(ConditionField))}.")
    if operation not in set(Operation):
        raise UsageError(f"{place}.operation: use {spoken(tuple(Operation))}.")
    return Condition(field=field, operation=Operation(operation), values=tuple(map(str, values)))
