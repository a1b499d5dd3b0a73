"""Which SQL a user may run on the published file: queries, and the settings and temporary tables that they need.

DuckDB's own settings close every file but the published one (`warehouse/published.py`). They leave open that a COPY
replaces the published file itself, so statements that write files are refused here, however they are wrapped.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import duckdb

from tt_pipeline.errors import UsageError

_KIND = duckdb.StatementType
_ALLOWED: Final = frozenset(
    (
        *(_KIND.SELECT, _KIND.CREATE, _KIND.DROP, _KIND.INSERT, _KIND.UPDATE, _KIND.DELETE, _KIND.SET, _KIND.PRAGMA),
        _KIND.TRANSACTION,  # DuckDB 1 puts a pivot into a transaction
    )
)
_QUERIES: Final = frozenset({"select", "from", "with", "pivot", "pivot_wider", "pivot_longer", "unpivot", "("})
_EXPLAIN: Final = re.compile(r"\s*explain\s+(analyze\s+)?(?P<explained>.*)", re.IGNORECASE | re.DOTALL)
_SETTING: Final = re.compile(
    r"\s*set\s+((session|local|global)\s+)?"
    r"(timezone|calendar|threads|memory_limit|max_memory|default_order|default_null_order|integer_division)"
    r"\s*(=|to)\s*('[\w/+:. -]*'|[\w.]+)\s*;",
    re.IGNORECASE,
)
_USE_EXPORT: Final = (
    '`tt sql` does not write files; use `tt export --sql "from marts.videos"`, which also explains the columns.'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query, and the settings that are made before DuckDB's configuration is locked.

    Attributes:
        settings: Each a SQL statement.
    """

    query: str
    settings: tuple[str, ...] = ()


def read_question(text: str) -> Question:
    """Split a user's SQL into settings and query.

    Text that DuckDB cannot parse is returned as it is, because running it reports the error.

    Raises:
        UsageError: It contains several queries, or a statement that is neither a query nor prepares one.
    """
    query, settings = text, list[str]()
    while setting := _SETTING.match(query):
        settings.append(setting[0])
        query = query[setting.end() :]
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error:
        return Question(query=text)
    check_statements(statements)
    selects = [statement.type for statement in statements].count(_KIND.SELECT)
    if selects > 1:
        raise UsageError(f"These are {selects} queries, but `tt sql` runs one at a time; run it once for each.")
    return Question(query=query, settings=tuple(settings))


def check_statements(statements: Iterable[duckdb.Statement]) -> None:
    """Check that every statement is a query or prepares one.

    Raises:
        UsageError: One is not; the message names its kind.
    """
    for statement in statements:
        kind = _kind_of(statement)
        if kind is None or not _is_harmless(statement):
            writes = kind in {"COPY", "EXPORT", "COPY_DATABASE"}
            raise UsageError(_USE_EXPORT if writes else only_reads(kind or "this"))


def only_reads(kind: str) -> str:
    """What to say of a statement that would change something."""
    return f"`tt sql` only reads: {kind} is not a query. To change a table, copy it into a DuckDB file of your own."


def _kind_of(statement: duckdb.Statement) -> str | None:
    """The name of its kind; None for kinds that DuckDB's parser knows and its interface for Python does not."""
    try:
        return statement.type.name
    except ValueError:  # UPDATE EXTENSIONS in DuckDB 2.0
        return None


def _is_harmless(statement: duckdb.Statement) -> bool:
    if statement.type == _KIND.EXPLAIN:
        return _explains_a_query(statement.query)
    if statement.type == _KIND.MULTI:  # a pivot in DuckDB 2, perhaps within another statement
        return _first_word(statement.query) in _QUERIES
    return statement.type in _ALLOWED


def _explains_a_query(text: str) -> bool:
    found = _EXPLAIN.fullmatch(text)
    try:
        explained = duckdb.extract_statements(found["explained"]) if found else []
    except duckdb.Error:
        return False
    return len(explained) == 1 and _kind_of(explained[0]) == _KIND.SELECT.name


def _first_word(text: str) -> str:
    """The first word or sign that is not a comment, in lower case."""
    places = (place for place, kind in duckdb.tokenize(text) if kind != duckdb.token_type.comment)
    found = re.match(rb"\w+|.", text.encode()[next(places, len(text)) :])
    return found[0].decode(errors="replace").lower() if found else ""
