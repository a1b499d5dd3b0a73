"""Attacks on `tt browse`: by SQL, by pages of other sites, by what a browser sends."""

import hashlib
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from tt_pipeline_tests.browse.published import pages_of
from tt_pipeline_tests.reports.sql_attacks import ATTACKS, SECRET

SLOW = "select count(*) from range(100000000000) t(i), range(1000) u(j) where i % 7 = j"


@pytest.fixture(scope="module")
def target(odd: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file next to a file that no query may read."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "secret.txt").write_text(f"text\n{SECRET}\n")
    return Path(shutil.copy(odd, folder / "warehouse.duckdb"))


@pytest.fixture(scope="module")
def attacked(target: Path) -> Iterator[httpx.Client]:
    """A client of its pages."""
    with pages_of(target) as client:
        yield client


def state(folder: Path) -> dict[str, str]:
    """The files of a folder and their contents."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def message(answer: httpx.Response) -> str:
    """The sentence of a page about a problem; empty if there is none."""
    found = re.search(r'role="alert">(.*?)</p>', answer.text, re.DOTALL)
    return unescape(found[1]) if found else ""


@pytest.mark.parametrize("sql", ATTACKS)
def test_no_sql_reads_or_writes_outside_the_published_file(sql: str, target: Path, attacked: httpx.Client) -> None:
    """No file is changed or created, and no content of another file is shown."""
    before = state(target.parent)
    names = {
        "file": target,
        "folder": target.parent,
        "secret": target.parent / "secret.txt",
        "out": target.parent / "o",
    }

    answer = attacked.post("/sql", data={"query": sql.format(**names)})

    assert SECRET not in answer.text
    assert "root:" not in answer.text
    assert state(target.parent) == before


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("from read_csv('/etc/passwd')", "A query can read the tables of the published file, and no other file"),
        ("from read_text('/etc/passwd')", "A query can read the tables of the published file, and no other file"),
        ("from glob('/etc/*')", "A query can read the tables of the published file, and no other file"),
        ("attach '/tmp/x' as x", "This page only reads: ATTACH is not a query."),
        ("copy marts.videos to '/tmp/x'", "This page only reads: COPY is not a query."),
        ("install httpfs", "This page only reads: LOAD is not a query."),
        ("load httpfs", "This page only reads: LOAD is not a query."),
        ("set threads = 1", "This page only reads: SET is not a query."),
        ("call enable_logging()", "This page only reads: CALL is not a query."),
        ("create temp table x as select 1", "This page only reads: CREATE is not a query."),
        ("delete from core.videos", "This page only reads: DELETE is not a query."),
        ("explain analyze select 1", "This page only reads: EXPLAIN is not a query."),
        ("select getenv('HOME')", "Catalog Error: Scalar Function with name getenv does not exist!"),
        ("select 1; select 2", "These are 2 queries, but one runs at a time."),
        ("", "The query is empty; write one, for example: from marts.videos"),
        ("-- nothing", "The query is empty; write one, for example: from marts.videos"),
        ("select " + "1," * 20_000 + "1", "The query has more than 20,000 characters."),
    ],
)
def test_what_is_not_one_query_of_the_tables_is_one_sentence(sql: str, sentence: str, pages: httpx.Client) -> None:
    """The page says what is refused, and keeps the text to correct it."""
    answer = pages.post("/sql", data={"query": sql})
    assert answer.status_code == 400
    assert message(answer).startswith(sentence)
    assert '<textarea id="query"' in answer.text


def test_no_secret_of_the_process_is_shown(pages: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the environment nor settings of DuckDB that hold secrets."""
    monkeypatch.setenv("TT_CLIENT_SECRET", "very secret")
    for sql in ("from duckdb_settings()", "from duckdb_secrets()", "from duckdb_variables()"):
        assert "very secret" not in pages.post("/sql", data={"query": sql}).text


def test_a_query_shows_the_first_rows(pages: httpx.Client) -> None:
    """Rows, columns and long values are limited; names of columns are text."""
    text = pages.post("/sql", data={"query": "select range as r, repeat('x', 5000) as \"<b>\" from range(1000)"}).text
    assert "The first 200 rows; there are more." in text
    assert text.count("<tr>") == 201
    assert "<b>" not in text
    assert "x" * 301 not in text
    wide = ", ".join(f"{number} as c{number}" for number in range(150))
    assert "1 row. Not shown: 50 columns." in pages.post("/sql", data={"query": f"select {wide}"}).text
    assert "NULL" in pages.post("/sql", data={"query": "select null as a, 1 as a"}).text


def test_an_address_fills_in_a_query_and_does_not_run_it(pages: httpx.Client) -> None:
    """A link of another site cannot make this machine compute."""
    text = pages.get("/sql", params={"query": "select 'ran' || 'it'"}).text
    assert "select &#39;ran&#39; || &#39;it&#39;" in text
    assert "ranit" not in text


def test_a_long_query_is_stopped(odd: Path) -> None:
    """After the time limit the page says so, and further pages are answered."""
    with pages_of(odd, limit_s=0.3) as pages:
        answer = pages.post("/sql", data={"query": SLOW})
        assert answer.status_code == 503
        assert message(answer).startswith("It took longer than 0.3 seconds and was stopped.")
        assert pages.post("/sql", data={"query": "select 42 as answer"}).status_code == 200


def test_a_query_is_cancelled_when_the_browser_goes_away(odd: Path) -> None:
    """Two queries fill the places; both browsers go away, and the next one is answered at once."""
    with pages_of(odd, limit_s=50) as pages:
        for _ in range(2):
            with pytest.raises(httpx.ReadTimeout):
                pages.post("/sql", data={"query": SLOW}, timeout=0.5)
        assert pages.post("/sql", data={"query": "select 42 as answer"}, timeout=10).status_code == 200


def test_the_server_ends_while_a_query_runs(odd: Path) -> None:
    """Ctrl-C does not wait for the query."""
    with pages_of(odd, limit_s=50) as pages:
        url = f"{pages.base_url}/sql"

        def ask() -> None:
            with pytest.raises(httpx.HTTPError):
                httpx.post(url, data={"query": SLOW}, timeout=40, trust_env=False).raise_for_status()

        thread = threading.Thread(target=ask)
        thread.start()
        assert pages.get("/").status_code == 200
        began = time.monotonic()
    assert time.monotonic() - began < 15
    thread.join(10)
    assert not thread.is_alive()


ORIGIN = {"origin": "http://evil.test"}


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.test"},
        {"host": "127.0.0.1.evil.test"},
        ORIGIN,
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/", "/table/marts.videos", "/sql", "/static/style.css"])
def test_other_sites_are_refused(headers: dict[str, str], method: str, path: str, pages: httpx.Client) -> None:
    """The answer is 403 and a sentence without data, with all headers of protection."""
    answer = pages.request(method, path, headers=headers)
    assert answer.status_code == 403
    assert answer.text.startswith("Refused: ")
    assert "TT_UI_HOSTS" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_form_of_another_site_runs_nothing(pages: httpx.Client) -> None:
    """A form that opens a page in a tab is refused too, because it is no link."""
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    for path in ("/sql", "/trace"):
        assert pages.post(path, headers=headers, data={"query": "select 1", "what": "@a"}).status_code == 403


@pytest.mark.parametrize("path", ["/", "/table/marts.videos", "/sql", "/nothing", "/static/browse.js"])
def test_every_answer_forbids_everything_foreign(path: str, pages: httpx.Client) -> None:
    """The policy names no other host and no inline code; nothing is cached; no page can frame it."""
    headers = pages.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert not re.search(r"http|\*|unsafe|data:", policy)
    assert "frame-ancestors 'none'" in policy
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/sql", 405),
        ("POST", "/", 405),
        ("GET", "/trace", 405),
        ("GET", "/static/../web.py", 404),
        ("GET", "/static/%2e%2e/web.py", 404),
        ("GET", "/static//etc/passwd", 404),
        ("GET", "/table/..%2f..%2fetc%2fpasswd", 404),
    ],
)
def test_other_methods_and_paths_are_refused(method: str, path: str, status: int, pages: httpx.Client) -> None:
    """No file is served but three of ours."""
    assert pages.request(method, path).status_code == status


def test_a_form_of_another_kind_or_size_is_refused(pages: httpx.Client) -> None:
    """JSON, files and megabytes are not read."""
    assert pages.post("/sql", json={"query": "select 1"}).status_code == 415
    assert pages.post("/sql", files={"query": b"select 1"}).status_code == 415
    assert pages.post("/sql", data={"query": "x" * 300_000}).status_code == 413
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert pages.post("/sql", content=b"query=%ff\xff", headers=kind).status_code == 400


def test_it_listens_on_this_machine_only(pages: httpx.Client) -> None:
    """The socket is bound to 127.0.0.1, so no other machine reaches it."""
    port = pages.base_url.port
    assert port
    with pytest.raises(OSError, match="in use"):
        socket.create_server(("127.0.0.1", port))
    socket.create_server(("127.0.0.2", port)).close()  # free: the server does not listen on all addresses
