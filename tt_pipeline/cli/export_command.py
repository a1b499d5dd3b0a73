"""`tt export`: write tables, the result of a query or a coding sheet to files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tt_pipeline.cli.console import problem, say
from tt_pipeline.cli.project import project_settings
from tt_pipeline.counted import counted
from tt_pipeline.errors import UsageError
from tt_pipeline.file_modes import share_export, tighten
from tt_pipeline.vocabulary import ExportFormat

if TYPE_CHECKING:  # needs DuckDB, polars or pydantic, which other commands do without
    from tt_pipeline.reports import Export, ExportedFile, Pseudonymous, Shape, Sheet
    from tt_pipeline.settings import Settings


Tables = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[TABLE]...",
        help="Tables, or a schema for all its tables; marts by default. With gexf and graphml: hashtags, follows, "
        "reposts, mentions; all by default.",
    ),
]
Sql = Annotated[str | None, typer.Option("--sql", metavar="QUERY", help="Export the result of this query instead.")]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="parquet (the default; csv with --sample or --public), csv, xlsx (Excel), dta (Stata), sav (SPSS), jsonl, "
        "duckdb, sqlite; for networks gexf (Gephi) and graphml. xlsx, duckdb and sqlite are one file with all tables.",
    ),
]
Folder = Annotated[
    Path | None, typer.Option("--to", metavar="FOLDER", help="A new folder; by default in data/exports.")
]
Excel = Annotated[
    bool,
    typer.Option(
        "--excel", help="The same as --format xlsx. With --format csv: CSV with an apostrophe before each id."
    ),
]
Zone = Annotated[
    str | None,
    typer.Option(
        "--zone", metavar="ZONE", help="Add local times, for example of Europe/Berlin, beside the instants in UTC."
    ),
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
IsPseudonymous = Annotated[
    bool,
    typer.Option(
        "--pseudonymous",
        help="Give accounts pseudonyms by the key in TT_KEY_FILE, mask texts, and leave out bios, names and pictures.",
    ),
]
HideIds = Annotated[
    bool, typer.Option("--hide-ids", help="With --pseudonymous: ids, which lead to creators, become pseudonyms too.")
]
NewKey = Annotated[
    bool, typer.Option("--new-key", help="With --pseudonymous: first make the file of TT_KEY_FILE with a new key.")
]
Public = Annotated[
    bool, typer.Option("--public", help="Export an archive for everyone: ids, queries, days and versions alone.")
]


def export(
    tables: Tables = None,
    *,
    sql: Sql = None,
    format_: Format = None,
    to: Folder = None,
    excel: Excel = False,
    zone: Zone = None,
    sample: SampleSize = None,
    by: By = None,
    seed: Seed = 1,
    pseudonymous: IsPseudonymous = False,
    hide_ids: HideIds = False,
    new_key: NewKey = False,
    public: Public = False,
) -> None:
    """Write tables, networks, the result of a query or a coding sheet to a folder, with dictionary and checksums.

    Ids are text, so that no program rounds them. Reads only the published warehouse. Comments have no author in the
    Research API, so there is no network of replies.
    """
    from tt_pipeline.reports import Sheet, check_is_new, check_library, check_zone, registered_copy

    format_named = _format(format_)
    _check(tables, sql=sql, sample=sample, by=by, format_=format_named, excel=excel, public=public)
    if zone is not None:
        check_zone(zone)
    _check_pseudonymous(
        is_pseudonymous=pseudonymous,
        others={"--sql": sql is not None, "--sample": sample is not None, "--public": public},
    )
    _check_with_pseudonymous(is_pseudonymous=pseudonymous, options={"--hide-ids": hide_ids, "--new-key": new_key})
    settings = project_settings()
    shape = _shape(
        settings, _Wanted(format=format_named, is_excel=excel, is_sheet=sample is not None, is_public=public), zone
    )
    check_library(shape.format)
    _check_network(shape.format, zone=zone, others={"--sql": sql is not None, "--public": public})
    folder = to or _folder(settings, shape)
    if to is not None:
        check_is_new(to)
    is_new = not folder.exists()
    sheet = Sheet(size=sample, by=by, seed=seed) if sample is not None else None
    how = _pseudonymous(settings, folder, hides_ids=hide_ids, is_key_new=new_key) if pseudonymous else None
    content = _Content(
        tables=tables,
        sql=sql,
        sheet=sheet,
        pseudonymous=how,
        is_public=public,
        is_of_networks=shape.format.is_network,
    )
    with registered_copy(settings.files, folder, content.kind, shape.created) as copy:
        exported = _exported(settings.files.published, folder, shape, content)
        copy.rows = sum(file.rows for file in exported.files)
    if copy.unrecorded:
        problem(f"{copy.unrecorded}\nThe export is complete, but `tt trace` cannot find it: note its folder yourself.")
    elif copy.unnoted:
        problem(f"{copy.unnoted}\nThe export is complete, but `ops.audit` does not have it.")
    _show(exported, sheet)
    _show_privacy(content)
    share_export(exported.folder, settings.files.share_group, is_new=is_new)
    tighten(settings.files)
    say("What must be deleted has to be deleted from this copy too.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What is exported: tables, networks, the result of a query, a coding sheet or an archive."""

    tables: list[str] | None
    sql: str | None
    sheet: "Sheet | None"
    pseudonymous: "Pseudonymous | None"
    is_public: bool
    is_of_networks: bool

    @property
    def kind(self) -> str:
        """What kind of copy it is, for the audit log."""
        if self.is_public:
            return "public archive"
        if self.sheet:
            return "coding sheet"
        if self.sql is not None:
            return "result of a query"
        what = "networks" if self.is_of_networks else "tables"
        return f"pseudonymous {what}" if self.pseudonymous else what


def _exported(published: Path, folder: Path, shape: "Shape", content: _Content) -> "Export":
    from tt_pipeline.reports import export_archive, export_networks, export_query, export_sheet, export_tables

    if content.is_public:
        return export_archive(published, folder, shape)
    if content.sheet:
        return export_sheet(published, content.sheet, folder, shape)
    if content.sql is not None:
        return export_query(published, content.sql, folder, shape)
    if content.is_of_networks:
        return export_networks(published, content.tables or [], folder, shape, pseudonymous=content.pseudonymous)
    return export_tables(published, content.tables or ["marts"], folder, shape, pseudonymous=content.pseudonymous)


def _pseudonymous(settings: "Settings", folder: Path, *, hides_ids: bool, is_key_new: bool) -> "Pseudonymous":
    """How the export gets pseudonyms, with the key of TT_KEY_FILE.

    Raises:
        SettingsError: The key is missing, or others have or can get it; nothing was exported.
    """
    from tt_pipeline.reports import Pseudonymous, make_key, read_pseudonyms

    outside = (settings.data_dir, folder)
    if is_key_new:
        file = make_key(settings.key_file, outside=outside)
        say(f"{file}: a new key. Keep it: only with it the next export gets the same pseudonyms. Never share it.")
    return Pseudonymous(pseudonyms=read_pseudonyms(settings.key_file, outside=outside), hides_ids=hides_ids)


def _show_privacy(content: _Content) -> None:
    from tt_pipeline.reports import NOTE

    if content.is_public:
        say(NOTE)
        say("Queries are in it as they were sent: if they name accounts, read docs/privacy.md before you publish them.")
    if content.pseudonymous:
        say(
            f"Every value and byte was searched for every handle of the warehouse, and none was found. Key "
            f"{content.pseudonymous.pseudonyms.fingerprint} (its fingerprint)."
        )
        say(content.pseudonymous.about_ids)
        say("Texts can be searched on TikTok, and names without a handle stay in them: this is no anonymous data.")


def _show(exported: "Export", sheet: "Sheet | None") -> None:
    for file in exported.files:
        format_ = ExportFormat(file.resource["format"])
        table = f", {file.resource['name']}" if format_.is_one_file else ""
        rows = counted(file.rows, "edge" if format_.is_network else "row")
        say(f"{exported.folder / file.resource['path']}{table}: {rows}")
        _show_changes(file, format_)
    if sheet and exported.files[0].rows < sheet.size:
        say(f"These are all videos that the searches found; {sheet.size:,} were requested.")
    for message in exported.failed_checks:
        problem(f"A check failed: {message}")


def _show_changes(file: "ExportedFile", format_: ExportFormat) -> None:
    """Say which texts are not as they were, because the format cannot hold them."""
    from tt_pipeline.reports import LONGEST_CELL, LONGEST_IN_SPSS

    limit = f"{LONGEST_IN_SPSS:,} bytes, as SPSS" if format_ is ExportFormat.SAV else f"{LONGEST_CELL:,} characters"
    limit += " cannot hold more." if format_ is ExportFormat.SAV else ", as a cell of Excel cannot hold more."
    whole = "export without --excel." if format_ is ExportFormat.CSV else "export with --format csv or parquet."
    for column, number in file.cut.items():
        say(f"In its column {column}, {counted(number, 'text', 'were')} cut to {limit} To get them whole, {whole}")
    for column, number in file.replaced.items():
        say(
            f"In its column {column}, {counted(number, 'text', 'have')} characters that {format_} cannot hold; "
            "U+FFFD stands in their place."
        )


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
            f"--format {named!r} is unknown; use parquet for R, pandas, polars and DuckDB, xlsx for Excel, dta for "
            "Stata, sav for SPSS, jsonl for texts, sqlite or duckdb for one file with all tables, gexf or graphml for "
            "networks, and csv for other programs. docs/read-the-data.md shows how each program reads them."
        ) from None


def _check(
    tables: list[str] | None,
    *,
    sql: str | None,
    sample: int | None,
    by: str | None,
    format_: ExportFormat | None,
    excel: bool,
    public: bool,
) -> None:
    if query := next((table for table in tables or [] if " " in table.strip()), None):
        raise UsageError(f'{query!r} is a query, not a table: `tt export --sql "{query}"` exports its result.')
    kinds = {"tables": bool(tables), "--sql": sql is not None, "--sample": sample is not None, "--public": public}
    if sum(kinds.values()) > 1:
        named = " and ".join(kind for kind, is_named in kinds.items() if is_named)
        raise UsageError(f"An export has one kind of content; choose one of {named}.")
    if by is not None and sample is None:
        raise UsageError(f"--by {by} needs --sample with the number of videos.")
    if format_ not in {None, ExportFormat.CSV, ExportFormat.XLSX}:
        if excel:
            raise UsageError(f"--excel means --format xlsx; leave out --format {format_}.")
        if sample is not None:
            raise UsageError(f"--sample writes csv or xlsx, which people can fill in; leave out --format {format_}.")


def _check_network(format_: ExportFormat, *, zone: str | None, others: Mapping[str, bool]) -> None:
    if format_.is_network and (other := next((option for option, is_given in others.items() if is_given), None)):
        raise UsageError(
            f"--format {format_} writes networks, not tables, so {other} cannot be combined with it; name networks: "
            f"`tt export follows mentions --format {format_}`."
        )
    if format_.is_network and zone is not None:
        raise UsageError(f"--format {format_} writes networks, whose times are in UTC; leave out --zone {zone}.")


def _check_pseudonymous(*, is_pseudonymous: bool, others: Mapping[str, bool]) -> None:
    if is_pseudonymous and (other := next((option for option, is_given in others.items() if is_given), None)):
        raise UsageError(
            f"--pseudonymous exports tables, because their columns say who is in them; {other} cannot be combined with "
            "it. For the result of a query, export the tables with --format duckdb and query that file."
        )


def _check_with_pseudonymous(*, is_pseudonymous: bool, options: Mapping[str, bool]) -> None:
    if not is_pseudonymous and (option := next((option for option, is_given in options.items() if is_given), None)):
        raise UsageError(f"{option} needs --pseudonymous.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What the options say about the format."""

    format: ExportFormat | None
    is_excel: bool
    is_sheet: bool
    is_public: bool

    @property
    def chosen(self) -> ExportFormat:
        """The format of the files."""
        if self.format:
            return self.format
        if self.is_excel:
            return ExportFormat.XLSX
        return ExportFormat.CSV if self.is_sheet or self.is_public else ExportFormat.PARQUET


def _shape(settings: "Settings", wanted: _Wanted, zone: str | None) -> "Shape":
    from tt_pipeline.coverage import source_of
    from tt_pipeline.reports import Shape

    return Shape(
        format=wanted.chosen,
        # A coding sheet in CSV is opened with spreadsheets; --excel --format csv is how --excel was before xlsx.
        for_excel=wanted.chosen is ExportFormat.CSV and (wanted.is_excel or wanted.is_sheet),
        created=settings.open_clock().now(),
        base_url=source_of(settings.files),
        zone=zone,
    )


def _folder(settings: "Settings", shape: "Shape") -> Path:
    return settings.files.exports / f"{shape.created:%Y-%m-%dT%H%M%SZ}"
