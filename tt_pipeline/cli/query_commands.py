"""The commands for the warehouse: sql, describe, rebuild."""

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tt_pipeline.cli.console import say, write_for_programs
from tt_pipeline.cli.project import project_settings
from tt_pipeline.cli.sql_source import read_sql
from tt_pipeline.counted import counted
from tt_pipeline.errors import SettingsError, StudyError, UsageError

if TYPE_CHECKING:  # needs pydantic, which `tt --help` does without
    from tt_pipeline.data_dir import DataDir
    from tt_pipeline.settings import Settings
    from tt_pipeline.warehouse import Table


def sql(
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUERY",
            help="A query, for example: 'from marts.videos limit 5'. With - it is read from stdin. Without a query a "
            "prompt opens. `.tables` lists the tables, `.schema TABLE` its columns.",
        ),
    ] = None,
    *,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", metavar="FILE", help="Read the query from a file.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="Print every column and value in full, on long lines.")] = False,
    records: Annotated[bool, typer.Option("--records", help="Print one line for each value.")] = False,
) -> None:
    """Query the published warehouse in SQL. Nothing is written, and no other file is read."""
    from tt_pipeline.cli.sql_prompt import run_prompt
    from tt_pipeline.cli.sql_run import REMEDY, run_sql
    from tt_pipeline.cli.tables import Layout

    if csv + wide + records > 1:
        raise UsageError("Choose one of --csv, --wide and --records.")
    published = project_settings().files.published
    chosen = {Layout.CSV: csv, Layout.WIDE: wide, Layout.RECORDS: records}
    layout = next((layout for layout, is_chosen in chosen.items() if is_chosen), Layout.TABLE)
    text = read_sql(query or [], file)
    if text is None:
        run_prompt(published, layout=layout)
    else:
        run_sql(published, text, layout=layout, remedy=REMEDY)


def describe(
    table: Annotated[
        str | None, typer.Argument(help="For example marts.videos, or a schema; without it, every table.")
    ] = None,
    *,
    datapackage: Annotated[
        bool, typer.Option("--datapackage", help="Print all tables as a Data Package, for programs.")
    ] = False,
    ddi: Annotated[
        bool, typer.Option("--ddi", help="Print the tables, or the one that you name, as a codebook of DDI 2.5.")
    ] = False,
) -> None:
    """Describe a table: its grain, and each column with its unit, source and the meaning of NULL.

    If a file is published, failed checks of the table are shown too.
    """
    from tt_pipeline.cli.sql_run import warn_of_checks
    from tt_pipeline.cli.table_texts import describe_schema, describe_table, list_tables
    from tt_pipeline.settings import read_settings
    from tt_pipeline.warehouse import TABLES, ddi_codebook, full_name, warehouse_package

    if datapackage:
        write_for_programs(json.dumps(warehouse_package(), indent=2, ensure_ascii=False) + "\n")
    elif ddi:
        write_for_programs(ddi_codebook(_named_tables(table)))
    elif table is None:
        list_tables(TABLES)
        say(
            "\n`tt describe marts.videos` explains a table and its columns, `tt describe marts` the tables of a schema."
        )
    elif table.lower() in {found.schema for found in TABLES.values()}:
        describe_schema(table.lower())
    else:
        described = TABLES[full_name(table, TABLES)]
        describe_table(described)
        with suppress(SettingsError):  # a table is described in any folder
            settings = read_settings()
            warn_of_checks(settings.files.published, described.full_name)
            _show_left_out(settings, described)


def _named_tables(name: str | None) -> "list[Table]":
    """The tables of a schema, or the one with a name; every table without a name."""
    from tt_pipeline.warehouse import TABLES, full_name

    of_schema = [table for table in TABLES.values() if name is None or table.schema == name.lower()]
    return of_schema or [TABLES[full_name(name or "", TABLES)]]


def _show_left_out(settings: "Settings", table: "Table") -> None:
    """Name the columns whose fields the study does not request; a study with mistakes leaves none out."""
    from tt_pipeline.codebook.fields import USER_FIELDS
    from tt_pipeline.studies import study_or_empty

    with suppress(StudyError):
        privacy = study_or_empty(settings.study_file).privacy
        omitted = privacy.omitted.union(() if privacy.profiles else USER_FIELDS)
        columns = [column.name for column in table.columns if column.source.partition(".")[0] in omitted]
        if columns:
            say(f"The study does not request {', '.join(columns)} (privacy), so NULL there says nothing.")


def rebuild(
    *,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss", help="Rebuild even if rows are lost because landed files are damaged or missing."
        ),
    ] = False,
) -> None:
    """Build the warehouse again from the landed pages, and publish it. Sends nothing.

    If any table would lose rows, the old warehouse is kept, unless you accept the loss.
    """
    from tt_pipeline.coverage import open_workspace
    from tt_pipeline.duties import remove_deleted
    from tt_pipeline.ingestion import publish_warehouse, rebuild_warehouse
    from tt_pipeline.studies import study_or_empty

    settings = project_settings()
    if not settings.landing:  # else opening the data dir copies what others have
        _check_has_landed(settings.files)
    with open_workspace(
        settings, study_or_empty(settings.study_file, is_named=settings.study is not None)
    ) as workspace:
        remove_deleted(workspace)
        rebuild_warehouse(workspace, accepts_loss=accept_loss)
        published = publish_warehouse(workspace, accepts_loss=accept_loss)
    videos, files = counted(published.rows["core.videos"], "video"), counted(published.rows["ops.loads"], "file")
    say(f"{published.published}: {videos} from {files}")


def _check_has_landed(files: "DataDir") -> None:
    """Refuse to publish an empty warehouse where nothing was ever collected.

    Raises:
        UsageError: No page has landed, and there is no warehouse.
        StudyEnded: Everything was deleted.
    """
    from tt_pipeline.landing import Inventory

    if not (files.published.exists() or files.writer.exists() or Inventory(files.landing).locations()):
        files.check_not_ended()
        raise UsageError(
            f"There is nothing to rebuild: no page has landed in {files.landing.resolve()}, and there is no warehouse. "
            "Nothing was changed. `tt collect` requests pages and publishes them."
        )
