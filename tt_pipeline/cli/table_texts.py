"""Lists and explains tables on the screen."""

from collections.abc import Iterable, Mapping

from rich.text import Text

from tt_pipeline.cli.console import OUT, say
from tt_pipeline.warehouse import TABLES, Table, text_of


def list_tables(names: Iterable[str]) -> None:
    """One line for each table: its name and what a row is, cut at the edge of a screen; those for analysts first."""
    listed = sorted(names, key=_schema_in_order)
    width = max(map(len, listed), default=0)
    schema = None
    for name in listed:
        if schema not in {None, name.partition(".")[0]}:
            say()
        schema = name.partition(".")[0]
        grain = TABLES[name].grain if name in TABLES else ""
        line = Text(f"{name:<{width}}  {grain}".rstrip())
        line.truncate(OUT.width, overflow="ellipsis")
        OUT.print(line)


def _schema_in_order(name: str) -> tuple[bool, str]:
    schema, _, _ = name.partition(".")
    return (schema != "marts", schema)


def describe_schema(schema: str) -> None:
    """The grain and meaning of each table of a schema."""
    for table in TABLES.values():
        if table.schema == schema:
            say(f"{table.full_name}: {table.grain}. {table.meaning}", hang=2)


def describe_table(table: Table) -> None:
    """Meaning and key of a table, then its columns."""
    text = text_of(table)
    OUT.print(Text(text.head[0], style="bold"))
    for line in text.head[1:]:
        say(line)
    say()
    for name, meaning in text.columns:
        say(f"{name}  {meaning}", hang=len(name) + 2)
    say()


def list_columns(columns: Mapping[str, Mapping[str, str]]) -> None:
    """The columns of each table with their types."""
    for table, types in columns.items():
        OUT.print(Text(table, style="bold"))
        width = max(map(len, types), default=0)
        for name, kind in types.items():
            say(f"  {name:<{width}}  {kind}", hang=width + 2)
