"""The page of a row: its values in full, what they mean, where it leads on TikTok, and what can be traced."""

import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import duckdb

from tt_pipeline.browse.tables import ShownColumn, ShownTable
from tt_pipeline.errors import UsageError
from tt_pipeline.ids import id_number
from tt_pipeline.links import account_page, video_page
from tt_pipeline.warehouse import Privacy

LONGEST_TEXT: Final = 100_000
"""Characters of a value; the API's texts are far shorter."""
_LONGEST_KEY: Final = 200
_HASHED: Final = ".md5"
_HANDLES: Final = frozenset({"username", "creator", "follower", "followed", "reposter", "renamed_to"})
_TRACED_IDS: Final = frozenset({"video_id", "comment_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to TikTok."""

    words: str
    url: str


def row_query(table: ShownTable, key: tuple[str | None, ...]) -> str:
    """The part of the address of a row after the question mark; a key that is NULL is left out."""
    pairs = [(column.name, value) for column, value in zip(table.keys, key, strict=True) if value is not None]
    return urlencode([_short(name, value) for name, value in pairs])


def _short(name: str, value: str) -> tuple[str, str]:
    """A long text as its hash, because addresses have a limit."""
    if len(value) <= _LONGEST_KEY:
        return name, value
    return f"{name}{_HASHED}", hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()


def read_row(
    connection: duckdb.DuckDBPyConnection, table: ShownTable, key: dict[str, str]
) -> list[tuple[ShownColumn, str | None]]:
    """The columns of a row and their values as text.

    Raises:
        UsageError: The table has no key, or no row has this one.
    """
    if not table.keys:
        raise UsageError(f"Rows of {table.full_name} have no address: its key is not known.")
    tests, values = [], {}
    for number, column in enumerate(table.keys):
        name = f"k{number}"
        if column.name in key:
            tests.append(f"{column.sql} = try_cast(${name}::varchar as {column.type})")
            values[name] = key[column.name]
        elif f"{column.name}{_HASHED}" in key:
            tests.append(f"md5({column.text_sql}) = ${name}::varchar")
            values[name] = key[f"{column.name}{_HASHED}"]
        else:
            tests.append(f"{column.sql} is null")
    texts = ", ".join(f"left({column.text_sql}, {LONGEST_TEXT})" for column in table.columns)
    sql = f"select {texts} from {table.sql} where {' and '.join(tests)} limit 1"
    row = connection.execute(sql, values or None).fetchone()
    if row is None:
        raise UsageError(f"{table.full_name} has no such row, or no longer: a newer file may have been published.")
    return list(zip(table.columns, row, strict=True))


def links_of(row: list[tuple[ShownColumn, str | None]]) -> list[Link]:
    """The pages on TikTok to which the ids and handles of a row belong, each once."""
    found = dict[str, Link]()
    for column, value in row:
        if column.name == "video_id" and value and id_number(value) is not None:
            found.setdefault(video_page(value), Link(words="Video on TikTok", url=video_page(value)))
        elif value and _is_handle(column):
            found.setdefault(account_page(value), Link(words=f"Account @{value} on TikTok", url=account_page(value)))
    return list(found.values())


def traceable(row: list[tuple[ShownColumn, str | None]]) -> list[str]:
    """The ids and handles of a row as `tt trace` takes them, each once."""
    ids = [value for column, value in row if column.name in _TRACED_IDS and value and id_number(value) is not None]
    handles = [f"@{value}" for column, value in row if value and _is_handle(column)]
    return list(dict.fromkeys([*ids, *handles]))


def _is_handle(column: ShownColumn) -> bool:
    is_of_person = column.known is not None and column.known.privacy is Privacy.IDENTIFYING
    return is_of_person and column.name in _HANDLES
