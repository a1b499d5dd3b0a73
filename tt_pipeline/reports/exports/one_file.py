"""Write the rows of one command to one file, in the format that its suffix names, completely or not at all.

Ids are text, as in every export, because they pass 2^53: spreadsheets, R and JavaScript round such numbers.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import duckdb

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.exports.column_formats import ColumnFormat, is_id
from tt_pipeline.safe_files import storing, sync
from tt_pipeline.sql_text import sql_text

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

_ID: Final = re.compile("(.*_)?ids?")


def check_rows_file(file: Path) -> None:
    """Check that rows can be written to a file, before they are requested.

    Raises:
        UsageError: Its suffix is unknown, or its folder is missing.
    """
    if file.suffix.lower() not in _WRITERS:
        raise UsageError(f"{file}: the name must end with {', '.join(_WRITERS)}, which says how to write the rows.")
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise UsageError(f"{file} cannot be written: it is a folder, or its folder does not exist.")


def write_rows(rows: "pl.DataFrame", file: Path) -> None:
    """Write the rows; a file of that name is replaced.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written; an earlier file is unchanged.
    """
    unfinished = file.with_name(f".{file.name}.part")
    with storing("Writing rows", file):
        try:
            _WRITERS[file.suffix.lower()](rows, unfinished)
            sync(unfinished)
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)


def _write_json_lines(rows: "pl.DataFrame", file: Path) -> None:
    with file.open("w", encoding="utf-8") as lines:
        for row in rows.iter_rows(named=True):
            lines.write(json.dumps(_plain("", row), ensure_ascii=False) + "\n")


def _plain(name: str, value: Any) -> Any:
    """A value for JSON: ids as text, times as ISO 8601."""
    if isinstance(value, dict):
        return {key: _plain(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(name, item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, int) and _ID.fullmatch(name) else value


def _write_csv(rows: "pl.DataFrame", file: Path) -> None:
    _copy(rows, file, ColumnFormat.csv, "format csv, header")


def _write_parquet(rows: "pl.DataFrame", file: Path) -> None:
    _copy(rows, file, ColumnFormat.parquet, "format parquet, compression zstd")


def _copy(rows: "pl.DataFrame", file: Path, written: Callable[[ColumnFormat], str], options: str) -> None:
    with duckdb.connect(config={"temp_directory": "", "autoinstall_known_extensions": False}) as connection:
        connection.register("found", _with_objects_as_text(rows))
        described = connection.execute("describe found").fetchall()
        columns = [
            ColumnFormat(name=name, called=name, type=kind, is_id=is_id(name, kind)) for name, kind, *_ in described
        ]
        selected = ", ".join(f'{written(column)} as "{column.name}"' for column in columns)
        connection.execute(f"copy (select {selected} from found) to {sql_text(file)} ({options})")


def _with_objects_as_text(rows: "pl.DataFrame") -> "pl.DataFrame":
    """Lists of objects as JSON text, which every program reads."""
    import polars as pl

    flat = (pl.List(pl.Int64), pl.List(pl.String))
    objects = [name for name, kind in rows.schema.items() if kind.is_nested() and kind not in flat]
    return rows.with_columns(
        pl.Series(
            name, [value and json.dumps(_plain(name, value), ensure_ascii=False) for value in rows[name].to_list()]
        )
        for name in objects
    ).cast(dict.fromkeys(objects, pl.String))


_WRITERS: Final[Mapping[str, "Callable[[pl.DataFrame, Path], None]"]] = MappingProxyType(
    {".jsonl": _write_json_lines, ".ndjson": _write_json_lines, ".csv": _write_csv, ".parquet": _write_parquet}
)
