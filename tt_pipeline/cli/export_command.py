"""`tt export`: the published file's tables, an answer or a coding sheet as files to take along."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tt_pipeline.cli.console import problem, say
from tt_pipeline.errors import StorageFailed, UsageError
from tt_pipeline.settings import Settings, read_settings
from tt_pipeline.vocabulary import ExportFormat

if TYPE_CHECKING:  # needs DuckDB and polars, which other commands do without
    from tt_pipeline.reports import Shape


def export(
    tables: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TABLE]...", help="Tables, or a schema for all of its; marts unless named."),
    ] = None,
    *,
    sql: Annotated[str | None, typer.Option("--sql", metavar="QUERY", help="The answer to this instead.")] = None,
    format_: Annotated[
        str | None,
        typer.Option("--format", metavar="[parquet|csv]", help="parquet unless --excel or --sample want csv."),
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FOLDER", help="A new folder; in data/exports.")] = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="CSV that Excel reads rightly: a byte order mark, ids that stay text.")
    ] = False,
    sample: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="A coding sheet of N videos drawn at random.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Draw as many for each search, or value of marts.videos.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed draws other videos.")] = 1,
) -> None:
    """Write tables, an answer or a coding sheet into a folder, with the words for every column and checksums.

    Ids are text, so that no program rounds them. Reads the published warehouse alone.
    """
    from tt_pipeline.reports import Sheet, export_query, export_sheet, export_tables

    format_named = _format(format_)
    _check(tables, sql=sql, sample=sample, by=by, format_=format_named, excel=excel)
    settings = read_settings()
    shape = _shape(settings, format_named, for_excel=excel or sample is not None)
    published, folder = settings.files.published, to or _folder(settings, shape)
    if sample is not None:
        exported = export_sheet(published, Sheet(size=sample, by=by, seed=seed), folder, shape)
    elif sql is not None:
        exported = export_query(published, sql, folder, shape)
    else:
        exported = export_tables(published, tables or ["marts"], folder, shape)
    for file in exported.files:
        say(f"{exported.folder / file.resource['path']}: {file.rows:,} rows")
    if sample is not None and exported.files[0].rows < sample:
        say(f"These are all that the searches found; {sample:,} were asked for.")
    _remember(settings, exported.folder)
    say("Delete it when what it holds has to be deleted: a copy has the duties of the warehouse.")


def _remember(settings: Settings, folder: Path) -> None:
    """Let `tt trace` find it; an archive that is read-only cannot remember, and may be exported all the same."""
    from tt_pipeline.reports import remember_export

    try:
        remember_export(settings.files, folder)
    except StorageFailed as error:
        problem(f"{error}\nThe export is whole, but `tt trace` will not look into it: remember where it is.")


def _format(named: str | None) -> ExportFormat | None:
    """The format of that name.

    Raises:
        UsageError: There is none; the message says which format a program reads.
    """
    if named is None:
        return None
    try:
        return ExportFormat(named.lower())
    except ValueError:
        raise UsageError(
            f"--format {named!r} is unknown; it is parquet, for R, pandas, polars and DuckDB, or csv, for Stata, SPSS "
            "and all else; for Excel say --excel. docs/read-the-data.md has the lines for each."
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
    asked = {"tables": bool(tables), "--sql": sql is not None, "--sample": sample is not None}
    if sum(asked.values()) > 1:
        named = " and ".join(what for what, is_asked in asked.items() if is_asked)
        raise UsageError(f"An export is of one kind: {named} were asked for.")
    if by is not None and sample is None:
        raise UsageError(f"--by {by} says how to draw; say how many with --sample.")
    if format_ is ExportFormat.PARQUET and (excel or sample is not None):
        raise UsageError("Parquet cannot be coded or opened in Excel; leave out --format parquet.")


def _shape(settings: Settings, format_: ExportFormat | None, *, for_excel: bool) -> "Shape":
    from tt_pipeline.coverage import source_of
    from tt_pipeline.reports import Shape

    return Shape(
        format=ExportFormat.CSV if for_excel else format_ or ExportFormat.PARQUET,
        for_excel=for_excel,
        created=settings.open_clock().now(),
        base_url=source_of(settings.files),
    )


def _folder(settings: Settings, shape: "Shape") -> Path:
    return settings.files.exports / f"{shape.created:%Y-%m-%dT%H%M%SZ}"
