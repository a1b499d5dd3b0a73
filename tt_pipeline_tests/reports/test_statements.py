"""Attacks on `tt sql`: no SQL writes a file, and none reads another file than the published one."""

import hashlib
import shutil
from pathlib import Path

import polars as pl
import pytest

from tt_pipeline.errors import TtPipelineError
from tt_pipeline.reports.answers import query_published
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_query
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline_tests.warehouse.builders import CLOCK

pytestmark = pytest.mark.newest

SECRET = "what another file says"
ATTACKS = (
    # Write a file.
    "copy (select 1) to '{out}'",
    "copy (select 1) to '{file}' (use_tmp_file false)",
    "copy marts.videos to '{file}.wal'",
    "copy marts.videos to '{file}.wal.checkpoint'",
    "copy marts.videos to '{file}.tmp/x'",
    "copy (pivot marts.videos on region_code) to '{file}' (use_tmp_file false)",
    "/* /* */ select */ copy (pivot marts.videos on region_code) to '{file}' (use_tmp_file false)",
    "with x as (select 1) select 1; copy (select 1) to '{out}'",
    "set threads = 1; copy (select 1) to '{out}'",
    "set timezone = 'UTC'; set threads = 1; prepare p as copy (select 1) to '{file}' (use_tmp_file false); execute p",
    "prepare p as copy (select 1) to '{out}'; execute p",
    "prepare p as copy (pivot marts.videos on region_code) to '{file}'; execute p",
    "explain analyze copy (select 1) to '{out}'",
    "explain analyze copy (select 1) to '{file}' (use_tmp_file false)",
    "/**/ explain /**/ analyze /* select */ copy (select 1) to '{file}' (use_tmp_file false)",
    "explain (analyze, format json) copy (select 1) to '{file}' (use_tmp_file false)",
    "explain analyze copy (pivot marts.videos on region_code) to '{file}' (use_tmp_file false)",
    "begin; copy (select 1) to '{file}' (use_tmp_file false); commit",
    "export database '{out}'",
    "create persistent secret s (type http, bearer_token 'x')",
    "create persistent secret s in local_file (type http, bearer_token 'x')",
    "set log_query_path = '{out}'",
    "pragma log_query_path = '{out}'",
    "set profiling_output = '{out}'; pragma enable_profiling = 'json'; select 1",
    "pragma profile_output = '{out}'",
    "call enable_logging(storage = 'file', storage_path = '{out}')",
    "from enable_logging('QueryLog', storage = 'file', storage_path = '{out}')",
    "from query('from enable_logging(''QueryLog'', storage = ''file'', storage_path = ''{file}.wal'')')",
    "set temp_directory = '{out}'",
    "set secret_directory = '{out}'",
    "set extension_directory = '{out}'",
    "set home_directory = '{out}'",
    "attach '{out}'",
    "attach '{out}' as other; create table other.x as select 1",
    "attach '{file}' as other (read_write); create table other.x as select 1",
    "copy from database warehouse to memory",
    "create table marts.x as select 1",
    "insert into core.videos select * from core.videos",
    "delete from core.videos",
    "drop view marts.videos",
    "alter table core.videos add column x integer",
    "comment on table core.videos is 'x'",
    "with gone as (delete from core.videos returning 1) from gone",
    "checkpoint",
    "force checkpoint",
    "vacuum",
    # Read a file.
    "from read_csv('{secret}')",
    "from read_text('{secret}')",
    "from read_blob('{secret}')",
    "from read_json('{secret}')",
    "from read_parquet('{secret}')",
    "from read_csv(['{secret}'])",
    "from sniff_csv('{secret}')",
    "from '{secret}'",
    'from "{secret}"',
    "from query('from read_text(''{secret}'')')",
    "from query_table(['{secret}'])",
    "from glob('{folder}/*')",
    "from read_text('/etc/passwd')",
    "from read_text('/proc/self/environ')",
    "from read_text('file://{secret}')",
    "summarize '{secret}'",
    "describe '{secret}'",
    "create temp table x as from read_text('{secret}'); from x",
    "create temp view x as from read_text('{secret}'); from x",
    "create temp macro x() as table from read_text('{secret}'); from x()",
    "create temp table x (a varchar); copy x from '{secret}'; from x",
    "select (select content from read_text('{secret}'))",
    "prepare p as from read_text('{secret}'); execute p",
    "explain analyze from read_text('{secret}')",
    "import database '{folder}'",
    "pragma import_database('{folder}')",
    "from 'https://example.org/x.csv'",
    "from duckdb_secrets()",
    "from variable_of_ours",
    # Open the door.
    "set enable_external_access = true; from read_text('{secret}')",
    "reset enable_external_access; from read_text('{secret}')",
    "set global enable_external_access = true; from read_text('{secret}')",
    "pragma enable_external_access = true; from read_text('{secret}')",
    "set lock_configuration = false; set enable_external_access = true; from read_text('{secret}')",
    "set allowed_paths = ['{secret}']; from read_text('{secret}')",
    "set allowed_directories = ['{folder}']; from read_text('{secret}')",
    "set file_search_path = '{folder}'; from read_text('secret.txt')",
    "set timezone = 'UTC' ; set allowed_paths = ['{secret}']; from read_text('{secret}')",
    "set threads = (select content from read_text('{secret}')); select 1",
    "install httpfs",
    "force install json from 'https://example.org'",
    "load httpfs",
    "load '{secret}'",
    "update extensions",
    "use memory; create table x as from read_text('{secret}'); from x",
    "detach warehouse",
)


@pytest.fixture(scope="module")
def target(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file next to a file that no query may read."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "secret.txt").write_text(f"text\n{SECRET}\n")
    return Path(shutil.copy(published, folder / "warehouse.duckdb"))


def state(folder: Path) -> dict[str, str]:
    """The files of a folder and their contents."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def attempt(sql: str, target: Path) -> str:
    """What the SQL shows, an error included."""
    variable_of_ours = pl.DataFrame({"a": [SECRET]})
    names = {
        "file": target,
        "folder": target.parent,
        "secret": target.parent / "secret.txt",
        "out": target.parent / "o",
    }
    try:
        answer = query_published(target, sql.format(**names))
    except TtPipelineError as error:
        return str(error)
    return f"{variable_of_ours.height} {answer.rows()}"


@pytest.mark.parametrize("sql", ATTACKS)
def test_no_statement_reads_or_writes_outside_the_published_file(sql: str, target: Path) -> None:
    """No file is changed or created, and no content of another file is shown."""
    before = state(target.parent)

    shown = attempt(sql, target)

    assert SECRET not in shown
    assert "root:" not in shown
    assert state(target.parent) == before


@pytest.mark.parametrize(
    "sql",
    [
        "from read_text('{secret}')",
        "select 1); copy (select 1) to '{out}'; from (select 1",
        "copy (select 1) to '{out}'",
        "pivot (from read_csv('{secret}')) on text",
        "select 1; select 2",
        "with gone as (delete from core.videos returning 1) from gone",
    ],
)
def test_no_exported_query_reads_or_writes_elsewhere(sql: str, target: Path, tmp_path: Path) -> None:
    """`tt export --sql` writes only its own folder, and only for a query of the published file."""
    before = state(target.parent)
    names = {"secret": target.parent / "secret.txt", "out": target.parent / "o"}

    with pytest.raises(TtPipelineError):
        export_query(target, sql.format(**names), tmp_path / "x", Shape(format=ExportFormat.CSV, created=CLOCK.now()))

    assert state(target.parent) == before
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("set timezone = 'Europe/Berlin'; select hour(timestamptz '2026-01-01 00:00:00+00') as x", 1),
        ("set threads to 2; set default_order = 'desc'; from (values (1), (2)) as t(x) order by x limit 1", 2),
        ("create temp table x as select 3 as x; from x", 3),
        ("pivot (select 1 as x) on x using sum(x)", 1),
        ("-- a comment\npivot (select 1 as x) on x using sum(x)", 1),
        ("with x as (select 4 as x) from x", 4),
        ("(select 5 as x)", 5),
        ("-- a comment\nselect 6 as x", 6),
    ],
)
def test_what_a_query_needs_is_allowed(sql: str, answer: int, target: Path) -> None:
    """Harmless settings, temporary tables, pivots and comments are allowed before and in a query."""
    assert query_published(target, sql).item() == answer


@pytest.mark.parametrize("sql", ["explain from marts.videos", "EXPLAIN ANALYZE select 1", "describe marts.videos"])
def test_a_query_is_explained(sql: str, target: Path) -> None:
    """EXPLAIN and DESCRIBE are allowed."""
    assert query_published(target, sql).height
