"""Reads the rows of a file of Stata or SPSS in an export, and writes one without some of them, with all its labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from tt_pipeline.duties.row_tables import Row, RowFile, RowTable
from tt_pipeline.errors import UsageError
from tt_pipeline.reports import library_of
from tt_pipeline.vocabulary import ExportFormat

_STATA: Final = ".dta"


def read_statistics(path: Path) -> RowFile:
    """Read a file.

    Raises:
        ValueError: It is damaged, pyreadstat is not installed, or somebody has added what cannot be written again.
    """
    is_stata = path.suffix.lower() == _STATA
    try:
        pyreadstat = library_of(ExportFormat.DTA if is_stata else ExportFormat.SAV)
    except UsageError as error:
        raise ValueError(str(error)) from error
    try:
        if is_stata:
            frame, described = pyreadstat.read_dta(path, output_format="polars")
        else:
            frame, described = pyreadstat.read_sav(path, output_format="polars", user_missing=True)
    except (pyreadstat.PyreadstatError, pyreadstat.ReadstatError) as error:
        raise ValueError(str(error)) from error
    schema = {name: _type_of(frame.schema[name], described.readstat_variable_types[name]) for name in frame.columns}

    def write(target: Path, tables: Sequence[Sequence[Row | None]]) -> None:
        _check_is_ours(described, is_stata=is_stata)
        kept = pl.DataFrame([row for row in tables[0] if row is not None], schema=schema, orient="row")
        kept = kept.with_columns(pl.selectors.string().fill_null(""))
        common = {
            "file_label": described.file_label or "",
            "column_labels": {name: label for name, label in described.column_names_to_labels.items() if label},
            "variable_value_labels": described.variable_value_labels,
            "variable_format": described.original_variable_types,
        }
        if is_stata:
            pyreadstat.write_dta(kept, target, **common)
            return
        pyreadstat.write_sav(
            kept,
            target,
            **common,
            row_compress=True,
            note=described.notes or None,
            missing_ranges=described.missing_ranges,
            variable_measure=described.variable_measure,
            variable_display_width=described.variable_display_width,
        )

    table = RowTable(name=path.stem, names=frame.columns, rows=frame.rows())
    return RowFile(path=path, tables=(table,), write=write)


def _type_of(found: Any, kind: str) -> Any:
    """The type of a column; one without a value has none when it is read."""
    if found != pl.Null:
        return found
    return pl.String() if kind == "string" else pl.Float64()


def _check_is_ours(described: Any, *, is_stata: bool) -> None:
    """Check that the file has nothing that pyreadstat cannot write.

    Raises:
        ValueError: It has.
    """
    if is_stata and (described.notes or described.missing_user_values):
        raise ValueError("it has notes or missing values of somebody, which would be lost")
    if getattr(described, "mr_sets", None):
        raise ValueError("it has multiple response sets, which would be lost")
