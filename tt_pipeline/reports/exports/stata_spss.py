"""Writes a table as a file of Stata (.dta) or SPSS (.sav), with labels of variables and values.

Ids are strings. Statuses and true or false are numbers with labels. A missing number or date is a missing value; both
programs have no missing string, so it is an empty one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from tt_pipeline.reports.exports.column_formats import ColumnFormat
from tt_pipeline.reports.exports.extra_libraries import library_of
from tt_pipeline.reports.exports.plain_texts import REPLACEMENT, TextChanges, cut_to_bytes
from tt_pipeline.reports.exports.source import Source
from tt_pipeline.sql_text import sql_name
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline.warehouse import status_words

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

_BOOLEANS: Final = {0: "no", 1: "yes"}
_DTA_LABEL: Final = 80
"""Characters of a label in Stata."""
_SAV_LABEL: Final = 255
"""Bytes of a label in SPSS."""
_SAV_TITLE: Final = 64
LONGEST_IN_SPSS: Final = 32_767
"""Bytes of a string in SPSS."""
_NUL: Final = "\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenStatistics:
    """What was written.

    Attributes:
        labels: Of the variables that are numbers with labels: the label of each number.
    """

    rows: int
    changes: TextChanges
    labels: Mapping[str, Mapping[int, str]]


def write_statistics(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    columns: Sequence[ColumnFormat],
    file: Path,
    meanings: Mapping[str, str],
) -> WrittenStatistics:
    """Write a table.

    Args:
        connection: A connection to the published file.
        source: The table.
        columns: Its columns.
        file: The new file; its suffix is the format.
        meanings: The meaning of each column, which becomes the label of the variable.
    """
    format_ = ExportFormat(file.suffix.removeprefix("."))
    values = ", ".join(f"{column.plain()} as {sql_name(column.name)}" for column in columns)
    frame = connection.sql(f"select {values} from {source.ordered}").pl()
    changes = TextChanges()
    labels: dict[str, dict[int, str]] = {}
    for column in columns:
        values_of = frame[column.name]
        if column.field_type == "boolean":
            labels[column.name] = _BOOLEANS
            frame = frame.with_columns(_numbers(values_of))
        elif words := _words(source, column, values_of):
            labels[column.name] = dict(enumerate(words, start=1))
            frame = frame.with_columns(_coded(values_of, words))
        elif column.field_type == "string":
            frame = frame.with_columns(_strings(values_of, format_, changes))
    pyreadstat = library_of(format_)
    try:
        _write(frame, file, format_, source.title, columns, meanings, labels)
    except (pyreadstat.PyreadstatError, pyreadstat.ReadstatError) as error:
        raise OSError(str(error)) from error
    return WrittenStatistics(rows=frame.height, changes=changes, labels=labels)


def _numbers(values: "pl.Series") -> "pl.Series":
    import polars as pl

    return values.cast(pl.Int8)


def _words(source: Source, column: ColumnFormat, values: "pl.Series") -> list[str]:
    """The statuses of a column in their order, and those of an older file at the end; empty for other columns."""
    described = source.columns.get(column.called)
    if source.table:
        described = next((each for each in source.table.columns if each.name == column.called), described)
    words = list(status_words(described)) if described else []
    return [*words, *sorted(set(values.unique().drop_nulls()) - set(words))] if words else []


def _coded(values: "pl.Series", words: Sequence[str]) -> "pl.Series":
    import polars as pl

    return values.replace_strict(words, range(1, len(words) + 1), default=None, return_dtype=pl.Int32)


def _strings(values: "pl.Series", format_: ExportFormat, changes: TextChanges) -> "pl.Series":
    """Texts without NUL, not longer than the format allows; empty if they are missing."""
    import polars as pl

    texts = values.cast(pl.String).fill_null("")
    if odd := int(texts.str.contains(_NUL, literal=True).sum()):
        changes.replaced[values.name] += odd
        texts = texts.str.replace_all(_NUL, REPLACEMENT, literal=True)
    if format_ is ExportFormat.SAV:
        places = (texts.str.len_bytes() > LONGEST_IN_SPSS).arg_true()
        if len(places):
            changes.cut[values.name] += len(places)
            texts = texts.scatter(places, [cut_to_bytes(text, LONGEST_IN_SPSS) for text in texts[places]])
    return texts


def _write(
    frame: "pl.DataFrame",
    file: Path,
    format_: ExportFormat,
    title: str,
    columns: Sequence[ColumnFormat],
    meanings: Mapping[str, str],
    labels: Mapping[str, Mapping[int, str]],
) -> None:
    pyreadstat = library_of(format_)
    numbers = [column.name for column in columns if column.field_type == "integer" and column.name not in labels]
    if format_ is ExportFormat.DTA:
        pyreadstat.write_dta(
            frame,
            file,
            file_label=title[:_DTA_LABEL],
            column_labels={name: _short(meaning, _DTA_LABEL) for name, meaning in meanings.items()},
            variable_value_labels=labels,
            variable_format=dict.fromkeys(numbers, "%12.0g"),
        )
        return
    measured = {column.name for column in columns if column.field_type in {"integer", "number"}} - labels.keys()
    pyreadstat.write_sav(
        frame,
        file,
        file_label=cut_to_fit(title, _SAV_TITLE),
        column_labels={name: cut_to_fit(meaning, _SAV_LABEL) for name, meaning in meanings.items()},
        row_compress=True,  # strings have the width of the longest one
        variable_value_labels=labels,
        variable_measure={column.name: "scale" if column.name in measured else "nominal" for column in columns},
        variable_format=dict.fromkeys(numbers, "F12.0"),
    )


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def cut_to_fit(text: str, longest: int) -> str:
    """A text that has at most so many bytes."""
    return text if len(text.encode()) <= longest else cut_to_bytes(text, longest)
