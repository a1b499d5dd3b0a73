"""Write a public archive: which videos and comments a study found, by which queries, when, and with which versions.

It has no handle, text or count. A colleague requests the data again by the ids, and gets what is still public.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import duckdb

from tt_pipeline.codebook.fields import Privacy
from tt_pipeline.reports.answers import reading
from tt_pipeline.reports.exports.folder import Export, unfinished
from tt_pipeline.reports.exports.source import Shape, Source, memory_for
from tt_pipeline.reports.exports.tables import write
from tt_pipeline.warehouse import TABLES, Column, SqlType, open_published

_SHOWN: Final = frozenset({Privacy.NONE, Privacy.LINKABLE})
"""What an archive may have: ids, and what says nothing about a person."""
_FOUND: Final = Column("first_observed_date", SqlType.DATE, "UTC day on which it was first found")
_TABLES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "videos": ("core.search_hits", ("video_id", "search", "fingerprint", "draw", "first_observed_at")),
        "comments": ("core.comments", ("comment_id", "video_id", "first_observed_at")),
        "searches": (
            "ops.searches",
            tuple(column.name for column in TABLES["ops.searches"].columns),
        ),
        "days": (
            "ops.search_coverage",
            ("search", "fingerprint", "day_date", "kind", "status", "looks", "first_asked_at", "last_asked_at"),
        ),
        "versions": ("ops.publish_info", tuple(column.name for column in TABLES["ops.publish_info"].columns)),
    }
)
"""The files: the table from which each comes, and its columns."""
NOTE: Final = (
    "Ids, queries, dates and versions of a study of TikTok. An id leads to its video, and so to its creator, while the "
    "video is public; who requests the data again has to be approved by TikTok."
)


def export_archive(published: Path, folder: Path, shape: Shape) -> Export:
    """Write the archive to a new folder.

    Raises:
        UsageError: Nothing is published, or the folder exists.
        ExportFailed: The folder could not be written; its partial files were deleted.
    """
    with (
        reading(published),
        open_published(published, settings=memory_for(published), folder=unfinished(folder)) as connection,
    ):
        sources = [_source(connection, name) for name in _TABLES]
        return write(
            connection, sources, folder, shape, title="Public archive", further={"archive": "public", "note": NOTE}
        )


def archived_columns(name: str) -> tuple[Column, ...]:
    """The columns of a file of the archive; a column about a person is a mistake in the list above.

    Raises:
        ValueError: A column has a text, a handle or a profile.
    """
    table, names = _TABLES[name]
    columns = {column.name: column for column in TABLES[table].columns}
    if wrong := [column for column in names if columns[column].privacy not in _SHOWN]:
        raise ValueError(f"{table}.{wrong[0]} must not be in a public archive")
    return tuple(_as_day(columns[column]) for column in names)


def _as_day(column: Column) -> Column:
    return _FOUND if column.name == "first_observed_at" else replace(column)


def _source(connection: duckdb.DuckDBPyConnection, name: str) -> Source:
    table, names = _TABLES[name]
    columns = archived_columns(name)
    selected = ", ".join(
        f"cast({each} as date) as {column.name}" if each != column.name else each
        for each, column in zip(names, columns, strict=True)
    )
    relation = f"archived_{name}"
    connection.execute(f"create temp table {relation} as select distinct {selected} from {table} order by all")
    return Source(
        name=name, relation=relation, title=f"{name}, of {table}", columns={column.name: column for column in columns}
    )
