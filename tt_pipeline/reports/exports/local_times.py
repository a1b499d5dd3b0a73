"""Adds the local time of a zone beside each instant in UTC."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import duckdb

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.exports.column_formats import INSTANT
from tt_pipeline.reports.exports.source import Source
from tt_pipeline.reports.pseudonymous.treatments import Treatment
from tt_pipeline.sql_text import sql_name, sql_text
from tt_pipeline.warehouse import Column, SqlType


def check_zone(zone: str) -> None:
    """Check that a time zone exists.

    Raises:
        UsageError: Nobody knows it.
    """
    with duckdb.connect() as connection:
        found = connection.execute("select 1 from pg_timezone_names() where name = $zone", {"zone": zone}).fetchall()
    if not found:
        raise UsageError(
            f"--zone {zone!r} is unknown; use a name of the time zone database, for example Europe/Berlin or "
            "America/New_York."
        )


def with_local_times(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], zone: str) -> list[Source]:
    """The same sources with a column `…_local` behind each column with instants; the instants stay."""
    return [_with_local_times(connection, source, zone) for source in sources]


def _with_local_times(connection: duckdb.DuckDBPyConnection, source: Source, zone: str) -> Source:
    described = [(name, kind) for name, kind, *_ in connection.execute(f"describe {source.relation}").fetchall()]
    names = {name.lower() for name, _ in described}
    local = {name: _new_name(name, names) for name, kind in described if kind == INSTANT}
    if not local:
        return source
    relation = sql_name(f"{source.name} with local times")
    selected = ", ".join(_selected(name, local.get(name), zone) for name, _ in described)
    connection.execute(f"create temp view {relation} as select {selected} from {source.relation}")
    columns = {found.name: found for found in _described(source, local, zone)}
    return replace(
        source,
        relation=relation,
        columns={**source.columns, **columns},
        treatments={**source.treatments, **dict.fromkeys(columns, Treatment.KEPT)} if source.treatments else {},
    )


def _new_name(name: str, taken: set[str]) -> str:
    found, number = f"{name}_local", 1
    while found.lower() in taken:
        number += 1
        found = f"{name}_local_{number}"
    taken.add(found.lower())
    return found


def _selected(name: str, local: str | None, zone: str) -> str:
    column = sql_name(name)
    return f"{column}, timezone({sql_text(zone)}, {column}) as {sql_name(local)}" if local else column


def _described(source: Source, local: dict[str, str], zone: str) -> Iterator[Column]:
    known = {column.name: column for column in (source.table.columns if source.table else source.columns.values())}
    for name, added in local.items():
        missing = known[name].missing if name in known else "the instant is missing"
        yield Column(added, SqlType.TIMESTAMPTZ, f"{name} as a local time in {zone}, without its zone", missing=missing)
