"""A pseudonymous export has no handle in any byte, and its tables can still be joined."""

import hashlib
import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from zipfile import ZipFile

import duckdb
import pytest

from tt_pipeline.codebook.fields import Privacy
from tt_pipeline.errors import HandleLeft, UsageError
from tt_pipeline.reports.exports.archive import export_archive
from tt_pipeline.reports.exports.folder import unfinished
from tt_pipeline.reports.exports.network_export import export_networks
from tt_pipeline.reports.exports.read_back import can_read, read_tables
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_query, export_tables
from tt_pipeline.reports.pseudonymous.folding import folded
from tt_pipeline.reports.pseudonymous.handles import Handles
from tt_pipeline.reports.pseudonymous.key import Pseudonyms
from tt_pipeline.reports.pseudonymous.known_handles import own_words
from tt_pipeline.reports.pseudonymous.pseudonymised import Pseudonymous
from tt_pipeline.reports.pseudonymous.scan import WrittenTable, scan
from tt_pipeline.reports.pseudonymous.treatments import Treatment, treatment_of
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline.warehouse.catalog import TABLES, Column
from tt_pipeline.warehouse.catalog.common import BIGINT
from tt_pipeline.warehouse.published import open_published
from tt_pipeline_tests.reports.conftest import publish_small
from tt_pipeline_tests.reports.pseudonymous.world import ANNA, FOX, PLAIN, USERNAMES, publish_world
from tt_pipeline_tests.warehouse.builders import CLOCK

KEY, OTHER = Pseudonyms(b"k" * 32), Pseudonyms(b"o" * 32)
EVERYTHING = ["core", "ops", "marts"]
SOUGHT = [username for username in USERNAMES if username != "complete"]
"""What no byte may have; `complete` is a word of the catalog."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published file; no test writes to it."""
    return publish_world(tmp_path_factory.mktemp("world"))


def write_pseudonymous(published: Path, folder: Path, format_: ExportFormat, *, hides_ids: bool = False) -> Path:
    """The folder of a pseudonymous export of all tables."""
    how = Pseudonymous(pseudonyms=KEY, hides_ids=hides_ids)
    shape = Shape(format=format_, created=CLOCK.now())
    if format_.is_network:
        return export_networks(published, [], folder, shape, pseudonymous=how).folder
    return export_tables(published, EVERYTHING, folder, shape, pseudonymous=how).folder


class Exported(Protocol):
    """Gives the folder of an export of the world; each is written once."""

    def __call__(self, format_: ExportFormat, *, hides_ids: bool = False) -> Path:
        """The folder of a pseudonymous export of all tables."""


@pytest.fixture(scope="module")
def exported(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Exports of the world; no test writes to them."""

    @cache
    def written(format_: ExportFormat, *, hides_ids: bool = False) -> Path:
        return write_pseudonymous(world, tmp_path_factory.mktemp("exports") / "e", format_, hides_ids=hides_ids)

    return written


def values_of(folder: Path) -> list[str]:
    """Every value of every table of an export as text, as another program reads it."""
    files = [file for file in folder.iterdir() if can_read(file)]
    if files:
        read = [row for file in files for table in read_tables(file) for row in table.rows]
        return [str(value) for row in read for value in row if value is not None]
    with duckdb.connect() as connection:
        if (file := folder / "warehouse.duckdb").exists():
            connection.execute(f"attach '{file}' as found (read_only)")
            sql = (
                "select 'found.' || schema_name || '.' || table_name from duckdb_tables() where database_name = 'found'"
            )
            relations = [name for (name,) in connection.execute(sql).fetchall()]
        else:
            relations = [f"'{file}'" for suffix in ("csv", "parquet") for file in folder.glob(f"*.{suffix}")]
        rows = [row for relation in relations for row in connection.execute(f"from {relation}").fetchall()]
    return [str(value) for row in rows for value in row if value is not None]


def bytes_of(file: Path) -> bytes:
    """The bytes of a file; of a workbook, which is compressed, those of its parts."""
    if file.suffix != ".xlsx":
        return file.read_bytes()
    with ZipFile(file) as workbook:
        return b"".join(map(workbook.read, workbook.namelist()))


def plain(text: str) -> str:
    """A text as somebody compares it who looks for a handle: without capitals, full-width forms and invisible signs."""
    shown = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", shown).casefold()


@pytest.mark.parametrize("hides_ids", [False, True])
@pytest.mark.parametrize("format_", ExportFormat)
def test_no_value_and_no_byte_has_a_handle(exported: Exported, format_: ExportFormat, *, hides_ids: bool) -> None:
    """Neither in any form in a value, nor as its bytes in a file, whatever the script; nor a bio or a display name."""
    folder = exported(format_, hides_ids=hides_ids)

    values = plain("\n".join(values_of(folder)))
    raw = b"".join(map(bytes_of, folder.iterdir()))
    short = {"kim"}  # three bytes are in compressed bytes by chance
    assert [name for name in SOUGHT if plain(name) in values] == []
    assert [name for name in SOUGHT if name.encode() in raw and name not in short] == []
    assert "anna bee" not in values
    assert b"Anna Bee" not in raw


def test_hidden_ids_are_nowhere(world: Path, exported: Exported) -> None:
    """No id of a video, comment or sound, and no link to a video, in any value, query or text."""
    with open_published(world) as reader:
        ids = {
            str(row[0])
            for row in reader.execute(
                "select video_id from core.videos union select comment_id from core.comments"
                " union select music_id from core.videos"
            ).fetchall()
        }
    values = "\n".join(values_of(exported(ExportFormat.PARQUET, hides_ids=True)))

    assert [each for each in ids if each in values] == []
    assert "tiktok.com/@/" not in values


@pytest.mark.parametrize("hides_ids", [False, True])
def test_joins_give_the_same_numbers(world: Path, exported: Exported, *, hides_ids: bool) -> None:
    """Videos with their creators, comments, mentions, follows and searches: the same rows as in the warehouse."""
    folder = exported(ExportFormat.DUCKDB, hides_ids=hides_ids)
    joins = (
        "core.videos join core.users using (username)",
        "core.videos join core.comments using (video_id)",
        "core.videos join core.comments on parent_comment_id = videos.video_id",
        "core.video_mentions join core.videos using (video_id)",
        "core.follow_snapshots join core.users on followed = username",
        "core.search_hits join ops.loads using (load_id, search)",
        "marts.videos join marts.creators using (creator_id)",
        "marts.video_searches v join core.search_hits h on h.search = v.search and h.video_id::varchar = v.video_id",
        "ops.account_coverage join marts.handles using (username)",
    )
    sql = " union all ".join(f"select {n}, count(*) from {join}" for n, join in enumerate(joins))
    with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as there, open_published(world) as reader:
        assert sorted(there.execute(sql).fetchall()) == sorted(reader.execute(sql).fetchall())
        counts = dict(there.execute(sql).fetchall())
    assert [join for n, join in enumerate(joins) if not counts[n] and "account_coverage" not in join] == []


def test_without_the_key_no_dictionary_undoes_it(exported: Exported) -> None:
    """No hash of a handle, plain or with another key, matches a pseudonym; the key itself does."""
    values = set(values_of(exported(ExportFormat.PARQUET)))
    digests = {value.removeprefix("account_") for value in values if value.startswith("account_")}
    tried = {
        hashlib.new(kind, f"{before}{name}".encode()).hexdigest()[:32]
        for kind in ("md5", "sha1", "sha256", "sha512")
        for before in ("", "@", "account:")
        for name in USERNAMES
    } | {OTHER.account(name).removeprefix("account_") for name in USERNAMES}

    assert digests.isdisjoint(tried)
    assert {KEY.account(name) for name in USERNAMES} <= values


def test_another_export_with_the_key_has_the_same_pseudonyms(world: Path, exported: Exported, tmp_path: Path) -> None:
    """Two exports can be joined, and their files are the same."""
    first, second = (exported(ExportFormat.CSV), write_pseudonymous(world, tmp_path / "again", ExportFormat.CSV))
    files = [file.name for file in sorted(first.glob("*.csv"))]
    assert [(first / file).read_bytes() for file in files] == [(second / file).read_bytes() for file in files]


def test_the_export_says_what_was_done(exported: Exported) -> None:
    """The description has the fingerprint of the key, what the ids lead to, and the treatment of each column."""
    folder = exported(ExportFormat.CSV)
    package: Any = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    (users,) = (each for each in package["resources"] if each["name"] == "core.users")
    fields = {field["name"]: field for field in users["schema"]["fields"]}

    assert package["pseudonymous"]["key_fingerprint"] == KEY.fingerprint
    assert (package["pseudonymous"]["ids"], "tiktok.com/@/video/ID" in package["pseudonymous"]["note"]) == (
        "kept",
        True,
    )
    assert fields["username"]["treatment"] == "account"
    assert fields.keys().isdisjoint({"display_name", "bio_description", "bio_url", "avatar_url"})
    assert "Pseudonym of the account" in (folder / "data-dictionary.csv").read_text(encoding="utf-8")
    assert b"k" * 32 not in b"".join(file.read_bytes() for file in folder.iterdir())


def test_a_search_named_after_an_account_has_its_pseudonym(exported: Exported) -> None:
    """In names of searches, paths and queries too, so that these columns can still be joined."""
    folder = exported(ExportFormat.DUCKDB)
    with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as there:
        searches = {search for (search,) in there.execute("select distinct search from core.search_hits").fetchall()}
        (load,) = there.execute("select load_id from ops.loads where search like 'account_%'").fetchall()
    assert searches == {"climate", KEY.account("climatefan")}
    assert load == (f"videos/{KEY.account('climatefan')}/eeeeeeee/w.look-1",)


@pytest.mark.parametrize("hides_ids", [False, True])
@pytest.mark.parametrize("name", TABLES)
def test_somebody_has_decided_about_every_column(name: str, *, hides_ids: bool) -> None:
    """Each column has a treatment by its privacy class; handles never stay, and profiles are left out."""
    for column in TABLES[name].columns:
        treatment = treatment_of(column, hides_ids=hides_ids)
        expected = {
            Privacy.IDENTIFYING: Treatment.ACCOUNT,
            Privacy.PROFILE: Treatment.LEFT_OUT,
            Privacy.CONTENT: Treatment.MASKED,
        }
        assert treatment is expected.get(column.privacy, treatment), column.name
        assert column.privacy is not Privacy.LINKABLE or column.name.endswith("_id") or column.name == "url"


def test_a_column_without_a_decision_stops_the_export() -> None:
    """A handle in a column of numbers is nothing that anybody has thought about."""
    with pytest.raises(KeyError):
        treatment_of(Column("odd", BIGINT, "A handle as a number", privacy=Privacy.IDENTIFYING), hides_ids=False)


def write(folder: Path, sql: str, file: str) -> Path:
    """A folder with the result of a query as its only table."""
    folder.mkdir()
    duckdb.sql(f"copy ({sql}) to '{folder / file}'")
    return folder


@pytest.mark.parametrize("file", ["t.csv", "t.parquet"])
@pytest.mark.parametrize(
    ("sql", "treatment"),
    [
        ("select 'so says Lena_M, twice' as a", Treatment.MASKED),
        ("select 'videos/lena_m/x' as a", Treatment.NAMES_REPLACED),
        ("select 'lena_m' as a", Treatment.ACCOUNT),
        ("select 'id of lena_m' as a", Treatment.ITEM),
    ],
)
def test_the_scan_finds_a_handle_that_was_left(tmp_path: Path, file: str, sql: str, treatment: Treatment) -> None:
    """Whatever was done to the column, and in each format; the message names the place and not the handle."""
    folder = write(tmp_path / "e", sql, file)
    with pytest.raises(HandleLeft) as found:
        scan(folder, [WrittenTable(file=folder / file, name="t", treatments={"a": treatment})], Handles(["lena_m"]))
    assert f"{file}, column a" in str(found.value)
    assert "lena" not in str(found.value)


@pytest.mark.parametrize("file", ["t.xlsx", "t.sqlite", "t.jsonl", "t.dta", "t.sav"])
@pytest.mark.parametrize("treatment", [Treatment.MASKED, Treatment.ACCOUNT])
def test_the_scan_reads_files_of_other_programs(world: Path, tmp_path: Path, file: str, treatment: Treatment) -> None:
    """A handle that was left in a column is found in a workbook, a database, lines of JSON, in Stata and SPSS."""
    shape = Shape(format=ExportFormat(file.partition(".")[2]), created=CLOCK.now())
    exported = export_query(world, "select 1 as n, 'so says lena_m' as a", tmp_path / "e", shape).files[0]
    written = WrittenTable(
        file=tmp_path / "e" / str(exported.resource["path"]), name=exported.place, treatments={"a": treatment}
    )
    with pytest.raises(HandleLeft) as found:
        scan(tmp_path / "e", [written], Handles(["lena_m"]))
    assert ", column a" in str(found.value)


def test_every_word_of_a_workbook_is_known(world: Path, tmp_path: Path) -> None:
    """Codebook, notes and all else that is not a value: a handle that is one of these words must not stop an export."""
    shape = Shape(format=ExportFormat.XLSX, created=CLOCK.now(), zone="Europe/Berlin")
    export_tables(world, EVERYTHING, tmp_path / "e", shape)
    sheets = {table.name: [*table.rows] for table in read_tables(tmp_path / "e" / "tables.xlsx")}
    texts = [str(value) for name in ("codebook", "notes") for row in sheets[name] for value in row]
    runs = {run.strip(".") for text in texts for run in re.findall(r"[a-z0-9_.]+", folded(text))}
    words = {word for run in runs for word in run.split(".") if len(word) >= 6 and not any(map(str.isdigit, word))}

    assert sorted(word for word in words - own_words() if not word.endswith("_local")) == [
        "berlin",
        PLAIN,  # the name of a search in a message, which has a pseudonym in a pseudonymous export
        "europe",
    ]


def test_a_handle_that_is_a_city_does_not_stop_local_times(tmp_path: Path) -> None:
    """It is still found in texts."""
    folder = write(tmp_path / "e", "select 'time in Europe/Berlin' as said, 'no' as text", "t.csv")
    treatments = {"said": Treatment.NAMES_REPLACED, "text": Treatment.MASKED}
    table = WrittenTable(file=folder / "t.csv", name="t", treatments=treatments)
    assert scan(folder, [table], Handles(["berlin"]), zone="Europe/Berlin") == 1
    with pytest.raises(HandleLeft):
        scan(folder, [table], Handles(["berlin"]))


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_local_times_are_in_a_pseudonymous_export(world: Path, tmp_path: Path, zone: str | None) -> None:
    """They say no more than the instants."""
    shape = Shape(format=ExportFormat.XLSX, created=CLOCK.now(), zone=zone)
    how = Pseudonymous(pseudonyms=KEY, hides_ids=True)
    export_tables(world, ["marts.videos"], tmp_path / "e", shape, pseudonymous=how)
    (table,) = (each for each in read_tables(tmp_path / "e" / "marts.videos.xlsx") if each.name == "marts.videos")
    assert ("created_at_local" in table.columns) == (zone is not None)


@pytest.mark.parametrize("format_", [ExportFormat.GEXF, ExportFormat.GRAPHML], ids=str)
def test_networks_have_pseudonyms_for_nodes(exported: Exported, format_: ExportFormat) -> None:
    """The same ones as tables, so that a network can be joined with them."""
    nodes = next(read_tables(exported(format_) / f"follows.{format_}"))
    found = {row[0] for row in nodes.rows}
    assert KEY.account(ANNA) in found
    assert all(str(node).startswith("account_") for node in found)


def test_the_scan_reads_the_bytes_too(tmp_path: Path) -> None:
    """A column of which nobody told the scan, and the name of a column, are found in the bytes."""
    folder = write(tmp_path / "e", "select 1 as long_handle_of_somebody", "t.parquet")
    with pytest.raises(HandleLeft, match=r"the bytes of t\.parquet"):
        scan(folder, [], Handles(["long_handle_of_somebody"]))


def test_words_of_the_export_are_no_handles(tmp_path: Path) -> None:
    """A handle that is a status, a country code or a number is looked for in texts alone."""
    folder = write(tmp_path / "e", "select 'complete' as status, 'DE' as region, '24' as n, 'fine' as text", "t.csv")
    treatments = dict.fromkeys(("status", "region", "n"), Treatment.NAMES_REPLACED) | {"text": Treatment.MASKED}
    table = WrittenTable(file=folder / "t.csv", name="t", treatments=treatments)

    assert scan(folder, [table], Handles(["complete", "de", "24"])) == 3
    with pytest.raises(HandleLeft):
        scan(folder, [table], Handles(["fine"]))


def test_nothing_is_left_of_an_export_with_a_handle_in_it(world: Path, tmp_path: Path) -> None:
    """Here it is the name of the folder, which the description repeats; the message says how to go on."""
    folder = tmp_path / "for_climatefan"
    with pytest.raises(HandleLeft, match="choose another with --to"):
        write_pseudonymous(world, folder, ExportFormat.PARQUET)
    assert not folder.exists()
    assert not unfinished(folder).exists()


def test_a_table_that_the_catalog_does_not_know_is_refused(tmp_path: Path) -> None:
    """Nobody has said which of its columns name people."""
    published = publish_small(tmp_path)
    with duckdb.connect(published) as connection:
        connection.execute("create table core.later as select 'lena' as who")
    with pytest.raises(UsageError, match=r"core\.later is unknown"):
        export_tables(
            published,
            ["core.later"],
            tmp_path / "e",
            Shape(format=ExportFormat.CSV, created=CLOCK.now()),
            pseudonymous=Pseudonymous(pseudonyms=KEY),
        )
    assert not (tmp_path / "e").exists()


def test_a_public_archive_has_no_text_and_no_account(world: Path, tmp_path: Path) -> None:
    """It has ids, queries, days and versions; the only handles are those that a query names."""
    export_archive(world, tmp_path / "p", Shape(format=ExportFormat.CSV, created=CLOCK.now()))
    files = {file.name for file in (tmp_path / "p").iterdir()}
    texts = "\n".join(file.read_text(encoding="utf-8") for file in (tmp_path / "p").glob("*.csv"))

    assert files == {
        *("videos.csv", "comments.csv", "searches.csv", "days.csv", "versions.csv"),
        *("data-dictionary.csv", "datapackage.json", "checksums.sha256"),
    }
    assert [name for name in (ANNA, FOX, "lena_m", "Anna Bee", "Danke") if name in texts] == []
    with open_published(world) as reader, duckdb.connect() as connection:
        ids = reader.execute("select distinct video_id::varchar from core.search_hits order by 1").fetchall()
        sql = (
            f"select distinct video_id from read_csv('{tmp_path / 'p' / 'videos.csv'}', all_varchar = true) order by 1"
        )
        assert connection.execute(sql).fetchall() == ids
