"""`tt export` and `tt_pipeline.open`, as users call them."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pytest

import tt_pipeline
from tt_pipeline.errors import UsageError, WriterLocked
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.reports.conftest import publish_small
from tt_pipeline_tests.warehouse.other_process import open_in_another_process

ODD_ID = "Videos were created more than a day away from the time in their id: 1."
"""What a check finds in the published file."""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data dir with a published file."""
    return publish_small(tmp_path_factory.mktemp("published")).parent


@pytest.fixture(autouse=True)
def _here(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TT_DATA_DIR", str(data_dir))
    monkeypatch.setenv("TT_CLOCK", "2026-11-20T12:00:00+00:00@1")


def recorded(data_dir: Path) -> str:
    """The recorded folders of exports."""
    file = data_dir / "internal" / "exported.txt"
    return file.read_text() if file.exists() else ""


def test_without_arguments_the_marts_are_exported(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are written as Parquet into data/exports/<instant>, and each file is printed with its rows."""
    assert run("export") == 0
    (folder,) = (data_dir / "exports").iterdir()
    assert folder.name.startswith("2026-11-20T1200")
    assert f"{folder / 'marts.videos.parquet'}: 52 rows" in capsys.readouterr().out


def test_texts_that_were_cut_for_excel_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message has their number, the column and the way to get them whole."""
    query = "select repeat('a', 40_000) as words union all select repeat('b', 50_000)"
    assert run("export", "--sql", query, "--excel", "--to", str(tmp_path / "e")) == 0
    cut = "In its column words, 2 texts were cut to 32,767 characters, as a cell of Excel cannot hold more."
    assert f"{cut} To get them whole, export with --format csv or parquet.\n" in capsys.readouterr().out
    assert run("export", "--sql", query, "--excel", "--format", "csv", "--to", str(tmp_path / "c")) == 0
    assert f"{cut} To get them whole, export without --excel.\n" in capsys.readouterr().out
    assert run("export", "--sql", query, "--format", "sav", "--to", str(tmp_path / "s")) == 0
    assert "2 texts were cut to 32,767 bytes, as SPSS cannot hold more." in capsys.readouterr().out


def test_characters_that_a_format_lacks_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message has their column and the sign that stands for them."""
    assert run("export", "--sql", "select 'a' || chr(0) as words", "--format", "xlsx", "--to", str(tmp_path / "e")) == 0
    said = "In its column words, 1 text has characters that xlsx cannot hold; U+FFFD stands in their place."
    assert said in capsys.readouterr().out


def test_an_answer_for_excel(tmp_path: Path) -> None:
    """--excel writes a workbook; with --format csv it writes the CSV that it wrote before there were workbooks."""
    assert run("export", "--sql", "select 'ü' as x", "--excel", "--to", str(tmp_path / "e")) == 0
    assert openpyxl.load_workbook(tmp_path / "e" / "answer.xlsx")["answer"]["A2"].value == "ü"
    assert run("export", "--sql", "select 'ü' as x", "--excel", "--format", "csv", "--to", str(tmp_path / "c")) == 0
    assert (tmp_path / "c" / "answer.csv").read_bytes() == b"\xef\xbb\xbfx\n\xc3\xbc\n"


def test_networks_are_exported_by_their_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One file for each, with the number of edges; without a name all of them."""
    assert run("export", "follows", "--format", "gexf", "--to", str(tmp_path / "e")) == 0
    assert f"{tmp_path / 'e' / 'follows.gexf'}: 1 edge\n" in capsys.readouterr().out
    assert run("export", "--format", "graphml", "--to", str(tmp_path / "all")) == 0
    assert {path.name.partition(".")[0] for path in (tmp_path / "all").glob("*.graphml")} == {
        *("follows", "hashtags", "mentions", "reposts")
    }


def test_local_times_are_an_option(tmp_path: Path) -> None:
    """--zone adds a column beside each instant."""
    words = ("export", "core.users", "--format", "csv", "--zone", "Europe/Berlin", "--to", str(tmp_path / "e"))
    assert run(*words) == 0
    head = (tmp_path / "e" / "core.users.csv").read_text().partition("\n")[0].split(",")
    assert "observed_at_local" in head
    assert head.index("observed_at_local") == head.index("observed_at") + 1


def test_a_coding_sheet(tmp_path: Path) -> None:
    """The command of the README writes a sheet."""
    words = ("export", "--sample", "20", "--by", "search", "--seed", "1", "--to", str(tmp_path / "s"))
    assert run(*words) == 0
    assert len((tmp_path / "s" / "coding_sheet.csv").read_text("utf-8-sig").split("https://")) == 21


def test_an_export_elsewhere_can_be_traced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The path of its folder is stored."""
    assert run("export", "--sql", "select 'lena' as x", "--to", "there") == 0
    assert run("trace", "@lena") == 0
    assert str(tmp_path / "there") in capsys.readouterr().out


def test_an_export_elsewhere_is_recorded_before_it_is_written(data_dir: Path, tmp_path: Path) -> None:
    """A process that is killed while it writes leaves data that `tt trace` must find."""
    folder, query = tmp_path / "killed", "select count(*) as n from range(100_000_000_000)"
    command = [sys.executable, "-m", "tt_pipeline.cli", "export", "--sql", query, "--to", str(folder)]
    with subprocess.Popen(command) as process:
        ends_at = time.monotonic() + 60
        while str(folder) not in recorded(data_dir).splitlines() and time.monotonic() < ends_at:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert (str(folder) in recorded(data_dir).splitlines(), folder.exists()) == (True, False)


def test_an_export_that_failed_is_not_recorded(data_dir: Path, tmp_path: Path) -> None:
    """Nothing is there, so `tt trace` has nothing to name."""
    before = recorded(data_dir)
    assert run("export", "--sql", "select 1/'x'", "--to", str(tmp_path / "failed")) == 2
    assert recorded(data_dir) == before


def test_a_sheet_smaller_than_requested_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There are 52 videos, and a request for 100 prints that."""
    assert run("export", "--sample", "52", "--to", str(tmp_path / "whole")) == 0
    assert "were requested" not in capsys.readouterr().out
    assert run("export", "--sample", "100", "--to", str(tmp_path / "less")) == 0
    assert "These are all videos that the searches found; 100 were requested." in capsys.readouterr().out


def test_the_process_with_the_published_file_open_is_named(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Export, query and open all name the process and the remedy."""
    with open_in_another_process(data_dir / "warehouse.duckdb") as holder:
        for words in (("sql", "select 1"), ("export",), ("export", "--sample", "3")):
            assert run(*words) == 1
            assert f"is open in process {holder} (" in capsys.readouterr().err
        with pytest.raises(WriterLocked, match="open it read-only there"):
            tt_pipeline.open(data_dir)


Damage = Callable[[bytes], bytes]
DAMAGES: list[Damage] = [
    lambda _: b"no database",
    lambda content: content[: len(content) // 2],
    lambda content: content[:20_000] + bytes(len(content) - 20_000),
]


@pytest.mark.parametrize("damage", DAMAGES, ids=["no database", "half", "zeros"])
def test_a_damaged_published_file_is_named(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], damage: Damage
) -> None:
    """Each command that opens it says so; none takes it for a fault of tt_pipeline."""
    copy = tmp_path / "copy"
    shutil.copytree(data_dir, copy)
    published = copy / "warehouse.duckdb"
    published.write_bytes(damage(published.read_bytes()))
    (copy / "study.yaml").write_text("study: s\nstart: 2026-10-01\nsearches: {climate: {hashtags: [climate]}}\n")
    monkeypatch.setenv("TT_DATA_DIR", str(copy))
    commands = [("status",), ("doctor",), ("trace", "@lena"), ("sql", "from marts.videos"), ("export",)]
    for words in (*commands, ("export", "--sample", "3"), ("trace", "--failed")):
        code, (out, err) = run(*words), capfd.readouterr()
        assert "fault of tt_pipeline" not in err
        assert code == 0 or f"{published}" in out + err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("marts.videos", "--sql", "select 1"), "one kind of content; choose one of tables and --sql"),
        (("--by", "search"), "--by search needs --sample"),
        (("--sample", "5", "--format", "parquet"), "leave out --format parquet"),
        (("--format", "stata"), "--format 'stata' is unknown; use parquet for R"),
        (("--format", "jsonl", "--excel"), "--excel means --format xlsx; leave out --format jsonl."),
        (("--zone", "Berlin"), "--zone 'Berlin' is unknown"),
        (("--format", "gexf", "--sql", "select 1"), "--format gexf writes networks, not tables, so --sql cannot be"),
        (("--format", "gexf", "--zone", "Asia/Tokyo"), "whose times are in UTC; leave out --zone Asia/Tokyo."),
        (("marts.comments", "--format", "gexf"), "Comments have no author in the Research API, so there is no network"),
        (("marts.videos", "--format", "graphml"), "'marts.videos' is not a network; --format gexf and graphml write"),
        (("select 1 as x",), "'select 1 as x' is a query, not a table: `tt export --sql \"select 1 as x\"` exports"),
        (("marts.vidoes",), "Did you mean marts.videos?"),
    ],
)
def test_wrong_arguments_are_refused(words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 2, and the message is on stderr."""
    assert run("export", *words) == 2
    assert message in capsys.readouterr().err


def test_open_gives_the_published_file(data_dir: Path) -> None:
    """The settings, a data dir or a file name it; it is read-only and in UTC, and failed checks are warnings."""
    for path in (None, data_dir, str(data_dir / "warehouse.duckdb")):
        with pytest.warns(UserWarning, match=f"^{re.escape(ODD_ID)}$"):
            warehouse = tt_pipeline.open(path)
        with warehouse:
            assert warehouse.sql("select count(*) from marts.videos").fetchall() == [(52,)]
            assert warehouse.sql("select current_setting('timezone')").fetchall() == [("UTC",)]
            with pytest.raises(Exception, match="read-only"):
                warehouse.execute("delete from core.videos")


def test_open_says_what_to_do_when_nothing_is_published(tmp_path: Path) -> None:
    """A file that is not a warehouse has a message too."""
    with pytest.raises(UsageError, match=r"warehouse.duckdb does not exist yet: run `tt collect`"):
        tt_pipeline.open(tmp_path)
    (tmp_path / "notes.txt").write_text("notes" * 100)
    with pytest.raises(UsageError, match=r"notes.txt cannot be opened"):
        tt_pipeline.open(tmp_path / "notes.txt")


def test_importing_the_package_is_cheap() -> None:
    """DuckDB, polars and pydantic are loaded only when they are needed."""
    code = "import sys, tt_pipeline; print(sorted({'duckdb', 'polars', 'pydantic', 'dagster'} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


@pytest.mark.parametrize(
    ("words", "failed"),
    [(["marts.videos"], [ODD_ID]), (["core.users"], []), (["--sql", "select 1 as one"], [ODD_ID])],
)
def test_failed_checks_travel_with_an_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], failed: list[str]
) -> None:
    """Those that concern its tables, or all if it is of a query, are lines on stderr and in its description."""
    assert run("--plain", "export", *words, "--to", str(tmp_path / "e")) == 0
    assert capsys.readouterr().err == "".join(f"A check failed: {message}\n" for message in failed)
    described = json.loads((tmp_path / "e" / "datapackage.json").read_text(encoding="utf-8"))
    assert described["warehouse"]["failed_checks"] == failed


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """TT_KEY_FILE, which does not exist yet."""
    file = tmp_path / "study.key"
    monkeypatch.setenv("TT_KEY_FILE", str(file))
    return file


def test_a_pseudonymous_export_says_what_it_is(key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It makes the key if it shall, says that nothing was found, what the ids lead to, and never the key."""
    assert run("export", "core.users", "--pseudonymous", "--new-key", "--to", str(tmp_path / "e")) == 0
    output = " ".join(capsys.readouterr().out.split())

    assert f"{key}: a new key. Keep it" in output
    assert "Every value and byte was searched for every handle of the warehouse, and none was found." in output
    assert "tiktok.com/@/video/ID opens a video and shows its creator" in output
    assert key.read_text().strip() not in output
    assert "creator_1" not in (tmp_path / "e" / "core.users.parquet").read_bytes().decode("utf-8", "replace")


@pytest.mark.usefixtures("key")
def test_hidden_ids_are_said_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --hide-ids in one DuckDB file."""
    words = ("export", "marts.videos", "--pseudonymous", "--new-key", "--hide-ids", "--format", "duckdb")
    assert run(*words, "--to", str(tmp_path / "e")) == 0
    assert "Ids are pseudonyms too" in capsys.readouterr().out
    assert (tmp_path / "e" / "warehouse.duckdb").exists()


BAD_KEYS = {
    "missing": (None, "study.key', which does not exist. If you have a key, name its file."),
    "readable_for_others": (0o644, "study.key', which others can read or write (mode 0644). `chmod 600 "),
    "too_short": (0o600, "study.key', which has 5 characters."),
}


@pytest.mark.parametrize(("mode", "says"), BAD_KEYS.values(), ids=list(BAD_KEYS))
def test_a_bad_key_is_a_sentence(
    key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: int | None, says: str
) -> None:
    """Exit code 2, and nothing was written."""
    if mode is not None:
        key.write_text("short")
        key.chmod(mode)
    assert run("export", "--pseudonymous", "--to", str(tmp_path / "e")) == 2
    assert says in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "e").exists()
    assert recorded(tmp_path) == ""


def test_a_key_in_the_data_dir_is_a_sentence(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also a new one is not made there."""
    monkeypatch.setenv("TT_KEY_FILE", str(data_dir / "study.key"))
    assert run("export", "--pseudonymous", "--new-key") == 2
    assert f"which is in {data_dir}" in " ".join(capsys.readouterr().err.split())
    assert not (data_dir / "study.key").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--pseudonymous", "--sql", "select 1"), "--sql cannot be combined with it."),
        (("--pseudonymous", "--sample", "3"), "--sample cannot be combined with it."),
        (("--pseudonymous", "--public"), "--public cannot be combined with it."),
        (("--hide-ids",), "--hide-ids needs --pseudonymous."),
        (("--new-key",), "--new-key needs --pseudonymous."),
        (("--public", "marts.videos"), "choose one of tables and --public."),
        (("--public", "--sql", "select 1"), "choose one of --sql and --public."),
        (("--sample", "3", "--format", "duckdb"), "leave out --format duckdb."),
    ],
)
def test_options_that_do_not_fit_are_refused(
    key: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], says: str
) -> None:
    """Before anything is read or written."""
    assert run("export", *options) == 2
    assert says in " ".join(capsys.readouterr().err.split())
    assert not key.exists()


def test_a_public_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is CSV, and the command says what the ids lead to and what queries may name."""
    assert run("export", "--public", "--to", str(tmp_path / "p")) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "An id leads to its video, and so to its creator" in output
    assert "Queries are in it as they were sent" in output
    assert (tmp_path / "p" / "videos.csv").exists()


def test_one_duckdb_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each table has its name and rows, and `tt trace` finds what is in it."""
    assert run("export", "core.users", "marts.videos", "--format", "duckdb", "--to", str(tmp_path / "d")) == 0
    assert f"{tmp_path / 'd' / 'warehouse.duckdb'}, marts.videos: 52 rows" in capsys.readouterr().out
    with duckdb.connect(tmp_path / "d" / "warehouse.duckdb", read_only=True) as there:
        sql = "select schema_name, table_name, comment is not null from duckdb_tables() order by all"
        assert there.execute(sql).fetchall() == [("core", "users", True), ("marts", "videos", True)]
        assert there.execute("select typeof(video_id), count(*) from marts.videos group by all").fetchall() == [
            ("VARCHAR", 52)
        ]

    assert run("trace", "@creator_1") == 0
    assert f"{tmp_path / 'd'}" in " ".join(capsys.readouterr().out.split())


@pytest.mark.usefixtures("key")
def test_a_trace_says_where_only_pseudonyms_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A handle cannot be found in a pseudonymous export, so the export is named; an id that was kept is found."""
    assert run("export", "core.videos", "--pseudonymous", "--new-key", "--to", str(tmp_path / "e")) == 0
    capsys.readouterr()
    run("trace", "@creator_1")
    assert "creator_1 has a pseudonym in this export" in " ".join("".join(capsys.readouterr()).split())
