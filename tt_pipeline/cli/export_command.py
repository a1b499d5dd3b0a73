"""`tt export`: write tables, the result of a query or a coding sheet to files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tt_pipeline.cli.console import problem, say
from tt_pipeline.cli.project import project_settings
from tt_pipeline.counted import counted
from tt_pipeline.errors import StorageFailed, UsageError
from tt_pipeline.file_modes import share_export, tighten
from tt_pipeline.vocabulary import ExportFormat

if TYPE_CHECKING:  # needs DuckDB, polars or pydantic, which other commands do without
    from tt_pipeline.reports import Export, Shape, Sheet
    from tt_pipeline.settings import Settings


Tables = Annotated[
    list[str] | None,
    typer.Argument(metavar="[TABLE]...", help="Tables, or a schema for all its tables; marts by default."),
]
Sql = Annotated[str | None, typer.Option("--sql", metavar="QUERY", help="Export the result of this query instead.")]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="[parquet|csv]", help="parquet by default; csv with --excel or --sample."),
]
Folder = Annotated[
    Path | None, typer.Option("--to", metavar="FOLDER", help="A new folder; by default in data/exports.")
]
Excel = Annotated[
    bool, typer.Option("--excel", help="CSV that Excel reads correctly: with a byte order mark, and ids as text.")
]
SampleSize = Annotated[
    int | None,
    typer.Option("--sample", min=1, metavar="N", help="Export a coding sheet of N videos drawn at random."),
]
By = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN", help="Draw equally many for each search, or for each value of a column of marts.videos."
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", help="Another seed draws other videos.")]


def export(
    tables: Tables = None,
    *,
    sql: Sql = None,
    format_: Format = None,
    to: Folder = None,
    excel: Excel = False,
    sample: SampleSize = None,
    by: By = None,
    seed: Seed = 1,
) -> None:
    """Write tables, the result of a query or a coding sheet to a folder, with a data dictionary and checksums.

    Ids are text, so that no program rounds them. Reads only the published warehouse.
    """
    from tt_pipeline.reports import Sheet, check_is_new

    format_named = _format(format_)
    _check(tables, sql=sql, sample=sample, by=by, format_=format_named, excel=excel)
    settings = project_settings()
    shape = _shape(settings, format_named, for_excel=excel or sample is not None)
    folder = to or _folder(settings, shape)
    if to is not None:
        check_is_new(to)
    is_new = not folder.exists()
    sheet = Sheet(size=sample, by=by, seed=seed) if sample is not None else None
    with _recorded(settings, folder):
        exported = _exported(settings.files.published, folder, shape, tables=tables, sql=sql, sheet=sheet)
    _show(exported, sheet)
    share_export(exported.folder, settings.files.share_group, is_new=is_new)
    tighten(settings.files)
    say("What must be deleted has to be deleted from this copy too.")


def _exported(
    published: Path, folder: Path, shape: "Shape", *, tables: list[str] | None, sql: str | None, sheet: "Sheet | None"
) -> "Export":
    from tt_pipeline.reports import export_query, export_sheet, export_tables

    if sheet:
        return export_sheet(published, sheet, folder, shape)
    if sql is not None:
        return export_query(published, sql, folder, shape)
    return export_tables(published, tables or ["marts"], folder, shape)


def _show(exported: "Export", sheet: "Sheet | None") -> None:
    from tt_pipeline.reports import LONGEST_CELL

    for file in exported.files:
        say(f"{exported.folder / file.resource['path']}: {counted(file.rows, 'row')}")
        for column, number in file.cut.items():
            say(
                f"In its column {column}, {counted(number, 'text', 'were')} cut to {LONGEST_CELL:,} characters, as a "
                "cell of Excel cannot hold more. To get them whole, export without --excel."
            )
    if sheet and exported.files[0].rows < sheet.size:
        say(f"These are all videos that the searches found; {sheet.size:,} were requested.")
    for message in exported.failed_checks:
        problem(f"A check failed: {message}")


@contextmanager
def _recorded(settings: "Settings", folder: Path) -> Iterator[None]:
    """Record the folder for `tt trace` before it is written; after an error that left nothing, delete the record.

    In a read-only data dir nothing can be recorded, but the export is still valid.
    """
    from tt_pipeline.reports import forget_export, remember_export

    unrecorded = None
    is_new = False
    try:
        is_new = remember_export(settings.files, folder)
    except StorageFailed as error:
        unrecorded = error
    try:
        yield
    except BaseException:
        if is_new:
            forget_export(settings.files, folder)
        raise
    if unrecorded:
        problem(f"{unrecorded}\nThe export is complete, but `tt trace` cannot find it: note its folder yourself.")


def _format(named: str | None) -> ExportFormat | None:
    """The format with this name.

    Raises:
        UsageError: There is none; the message says which programs read which format.
    """
    if named is None:
        return None
    try:
        return ExportFormat(named.lower())
    except ValueError:
        raise UsageError(
            f"--format {named!r} is unknown; use parquet for R, pandas, polars and DuckDB, csv for Stata, SPSS and "
            "other programs, or --excel for Excel. docs/read-the-data.md shows how each program reads them."
        ) from None


def _check(
    tables: list[str] | None,
    *,
    sql: str | None,
    sample: int | None,
    by: str | None,
    format_: ExportFormat | None,
    excel: bool,
) -> None:
    if query := next((table for table in tables or [] if " " in table.strip()), None):
        raise UsageError(f'{query!r} is a query, not a table: `tt export --sql "{query}"` exports its result.')
    kinds = {"tables": bool(tables), "--sql": sql is not None, "--sample": sample is not None}
    if sum(kinds.values()) > 1:
        named = " and ".join(kind for kind, is_named in kinds.items() if is_named)
        raise UsageError(f"An export has one kind of content; choose one of {named}.")
    if by is not None and sample is None:
        raise UsageError(f"--by {by} needs --sample with the number of videos.")
    if format_ is ExportFormat.PARQUET and (excel or sample is not None):
        raise UsageError("--excel and --sample write CSV; leave out --format parquet.")


def _shape(settings: "Settings", format_: ExportFormat | None, *, for_excel: bool) -> "Shape":
    from tt_pipeline.coverage import source_of
    from tt_pipeline.reports import Shape

    return Shape(
        format=ExportFormat.CSV if for_excel else format_ or ExportFormat.PARQUET,
        for_excel=for_excel,
        created=settings.open_clock().now(),
        base_url=source_of(settings.files),
    )


def _folder(settings: "Settings", shape: "Shape") -> Path:
    return settings.files.exports / f"{shape.created:%Y-%m-%dT%H%M%SZ}"
