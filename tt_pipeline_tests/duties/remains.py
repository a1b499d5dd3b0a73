"""Searches a data dir for tens of thousands of ids and marks at once, in every column, line and byte.

`builders.places_of` does the same for a few ids and usernames.
"""

import re
import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from tt_pipeline.simulator import mark_of
from tt_pipeline_tests.builders import content_of

_WORDS: Final = r"[0-9]{15,19}|mark[a-p]{16}"
_WORDS_IN_BYTES: Final = re.compile(_WORDS.encode())


@dataclass(frozen=True)
class Remains:
    """Ids that must be nowhere, and the marks of their records."""

    ids: frozenset[int]

    def places(self, root: Path) -> list[str]:
        """Every file below a folder, and every column of its databases, that still has one of them."""
        return [place for path in sorted(root.rglob("*")) if path.is_file() for place in self._places(root, path)]

    def _places(self, root: Path, path: Path) -> Iterator[str]:
        name, content = path.relative_to(root).as_posix(), content_of(path)
        if content[8:12] == b"DUCK":
            yield from (f"{name}: {column}" for column in self._in_duckdb(path))
        if content.startswith(b"SQLite format 3"):
            yield from (f"{name}: {column}" for column in self._in_sqlite(path))
        if self._words & set(_WORDS_IN_BYTES.findall(content)):
            yield f"{name}: text"
        if self._is_number_in(content):
            yield f"{name}: eight bytes"

    @cached_property
    def _words(self) -> frozenset[bytes]:
        return frozenset(word for number in self.ids for word in (b"%d" % number, mark_of(number).encode()))

    def _is_number_in(self, content: bytes) -> bool:
        """Whether bytes have an id as a number of eight bytes, at any place and in both orders."""
        for shift in range(8):
            numbers = array("Q", content[shift : shift + (len(content) - shift) // 8 * 8])
            for _ in range(2):
                if not self.ids.isdisjoint(numbers):
                    return True
                numbers.byteswap()
        return False

    def _in_duckdb(self, path: Path) -> Iterator[str]:
        with duckdb.connect() as connection:
            connection.execute(f"attach '{path}' as found (read_only)")
            words = pl.DataFrame({"word": sorted(word.decode() for word in self._words)})
            connection.register("words", words)
            columns = connection.execute(
                "select schema_name, table_name, column_name from duckdb_columns() join duckdb_tables()"
                " using (database_name, schema_name, table_name) where database_name = 'found' order by all"
            ).fetchall()
            for schema, table, column in columns:
                sql = f"""
                select count(*) from (
                  select unnest(regexp_extract_all(cast("{column}" as varchar), '{_WORDS}')) as word
                  from found."{schema}"."{table}"
                ) semi join words using (word)
                """
                if connection.execute(sql).fetchall() != [(0,)]:
                    yield f"{schema}.{table}.{column}"

    def _in_sqlite(self, path: Path) -> Iterator[str]:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
            for (table,) in tables:
                rows = connection.execute(f'select * from "{table}"')
                if any(self._words & set(_WORDS_IN_BYTES.findall(b"|".join(_bytes(row)))) for row in rows):
                    yield table


def _bytes(row: Iterable[object]) -> Iterator[bytes]:
    return (value if isinstance(value, bytes) else str(value).encode() for value in row)
