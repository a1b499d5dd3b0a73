"""The mistakes that people make in their first hour: each is named, and nothing is sent or changed."""

import hashlib
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.warehouse.builders import CLOCK, land, load, page, video

STUDY: Final = """\
study: First steps
start: 2026-11-01
searches:
  climate: {hashtags: [climate]}
  football: {keywords: [football], regions: [DE]}
"""
TIKTOK: Final = "https://open.tiktokapis.com"
WAREHOUSE: Final = "warehouse.duckdb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What was typed, and what must come back.

    Attributes:
        command: The words after `tt`.
        says: Words of the message.
        files: Files by their paths, and their content; None deletes one. The study is there already.
        environment: Variables; those of a server, its credentials and a clock are set already.
        is_published: Whether the data dir has a warehouse.
    """

    command: tuple[str, ...]
    says: tuple[str, ...]
    files: Mapping[str, str | None] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    is_published: bool = False
    code: int = 2


def setting(name: str, value: str, *says: str, command: str = "status") -> Mistake:
    """A variable that is wrong."""
    return Mistake(command=(command,), environment={name: value}, says=says)


def env_file(text: str, *says: str) -> Mistake:
    """A `.env` that is wrong."""
    return Mistake(command=("status",), files={".env": text}, says=says)


def study(old: str, new: str, *says: str) -> Mistake:
    """A study that is wrong at one place."""
    assert old in STUDY
    return Mistake(command=("check",), files={"data/study.yaml": STUDY.replace(old, new)}, says=says)


def typed(*words: str, says: tuple[str, ...], is_published: bool = False, code: int = 2) -> Mistake:
    """A command that is wrong, in a project without a mistake."""
    return Mistake(command=words, says=says, is_published=is_published, code=code)


def elsewhere(*words: str) -> Mistake:
    """A command in a folder without a project."""
    return Mistake(
        command=words, files={"data/study.yaml": None}, says=("No project here", "/data/study.yaml", "`tt init`")
    )


DAYS: Final = ("--from", "2026-11-03", "--to", "2026-11-04")
MISTAKES: Final = {
    "a misspelt variable": setting("TT_DATADIR", "x", "TT_DATADIR is not a setting", "Did you mean TT_DATA_DIR?"),
    "a variable that does not exist": setting("TT_QUOTA", "500", "TT_QUOTA is not a setting", "TT_CLIENT_KEY"),
    "a misspelt line of .env": env_file("TT_CLIENT_SECRTE=\n", "/.env:1: TT_CLIENT_SECRTE", "mean TT_CLIENT_SECRET?"),
    "a broken quote in .env": env_file(
        "A=1\nTT_CLIENT_KEY='x\n", "/.env:2: the line of TT_CLIENT_KEY", "quotation mark"
    ),
    "a colon in .env": env_file("TT_CLIENT_KEY: x\n", "/.env:1: the line of TT_CLIENT_KEY", "NAME=VALUE"),
    "a .env without =": env_file("TT_CLIENT_KEY\n", "/.env:1: TT_CLIENT_KEY has no ="),
    "a variable twice in .env": env_file("TT_STUDY=a\nTT_STUDY=b\n", "/.env:2: TT_STUDY was set in line 1 already"),
    "a URL without scheme": setting(
        "TT_API_BASE_URL", "127.0.0.1:8641", "does not start with", "Write http://127.0.0.1:8641."
    ),
    "a URL with a path": setting("TT_API_BASE_URL", f"{TIKTOK}/v2", "has more than a host"),
    "a URL of another machine": setting("TT_API_BASE_URL", "http://sim.example.org", "unencrypted", "https://"),
    "no key": setting("TT_CLIENT_KEY", "", "TT_CLIENT_KEY is not set", "/.env", command="collect"),
    "no secret": setting("TT_CLIENT_SECRET", "", "TT_CLIENT_SECRET is not set", "/.env", command="collect"),
    "not confirmed": setting("TT_API_BASE_URL", TIKTOK, "`confirmed: true`", "`tt plan`", command="collect"),
    "a data dir that is a file": setting("TT_DATA_DIR", "data/study.yaml", "TT_DATA_DIR is", "not a folder"),
    "a study that is a folder": setting("TT_STUDY", "data", "TT_STUDY is 'data', which is not a file"),
    "a clock in words": setting("TT_CLOCK", "tomorrow", "TT_CLOCK is 'tomorrow'", "2026-10-01T00:00:00Z@1440"),
    "a limit with a unit": setting("TT_MAX_ANSWER_BYTES", "4MB", "TT_MAX_ANSWER_BYTES cannot be used", "integer"),
    "an unknown group": setting("TT_SHARE_GROUP", "no-such-group", "which is not a group here", "`id -Gn`"),
    "a wildcard of hosts": setting("TT_UI_HOSTS", "*", "'*' is not the name of a host"),
    "check elsewhere": elsewhere("check"),
    "plan elsewhere": elsewhere("plan"),
    "collect elsewhere": elsewhere("collect"),
    "status elsewhere": elsewhere("status"),
    "up elsewhere": elsewhere("up"),
    "sql elsewhere": elsewhere("sql", "from marts.videos"),
    "export elsewhere": elsewhere("export"),
    "trace elsewhere": elsewhere("trace", "7692239745136459777"),
    "rebuild elsewhere": elsewhere("rebuild"),
    "rebuild before anything landed": typed("rebuild", says=("nothing to rebuild", "`tt collect`")),
    "sql before anything was published": typed("sql", "from marts.videos", says=("does not exist yet", "`tt collect`")),
    "export before anything was published": typed("export", says=("does not exist yet", "`tt collect`")),
    "a study that is not there": typed(
        "check", "klima.yaml", says=("klima.yaml: does not exist", "current folder is /")
    ),
    "a misspelt key": study("regions", "regoins", "study.yaml:5: searches.football.regoins", "did you mean regions?"),
    "a country that is no code": study("[DE]", "[UK]", "study.yaml:5:", "'UK'", "did you mean GB?"),
    "a hashtag that is a comment": study("[climate]", "[#climate]", "study.yaml:4:", "#climate starts a comment"),
    "a hashtag of two words": study("[climate]", "[climate strike]", "study.yaml:4:", "a hashtag is one word"),
    "a day that does not exist": study("2026-11-01", "2026-11-31", "study.yaml:2: start", "is not a day"),
    "a day as in Germany": study("2026-11-01", "1.11.2026", "study.yaml:2: start", "YYYY-MM-DD"),
    "an end before the start": study("searches:", "end: 2026-10-01\nsearches:", "study.yaml:3: end", "is before start"),
    "no searches": study(STUDY[STUDY.index("searches") :], "", "study.yaml", "searches"),
    "a search name with a blank": study("climate:", "Climate talk:", "study.yaml:4:", "use a-z, 0-9 and _"),
    "a tab": study("  climate", "\tclimate", "study.yaml:4:", "indent with spaces"),
    "a list that is no file": study("[climate]", "{file: tags.txt}", "study.yaml:4:", "tags.txt does not exist"),
    "a switch in words": study("searches:", "comments: maybe\nsearches:", "study.yaml:3: comments"),
    "looks in the wrong order": study("searches:", "looks: [12, 3]\nsearches:", "study.yaml:3: looks", "ascending"),
    "a key twice": study("searches:", "start: 2026-11-02\nsearches:", "start: is written twice, in line 2"),
    "a search that is not in the study": typed(
        "collect", *DAYS, "--search", "climat", says=("has no search 'climat'", "Did you mean climate?")
    ),
    "one day only": typed("collect", "--from", "2026-11-03", says=("--from and --to must both be given",)),
    "days in the wrong order": typed("collect", "--from", "2026-11-04", "--to", "2026-11-03", says=("is after --to",)),
    "today": typed("collect", "--from", "2026-11-03", "--to", "2026-11-20", says=("has not ended", "2026-11-19")),
    "a day as in America": typed(
        "collect",
        "--from",
        "11/03/2026",
        "--to",
        "11/04/2026",
        says=("--from '11/03/2026' is not a day of the calendar", "2026-10-01"),
    ),
    "days before the study": typed(
        "collect", "--from", "2026-10-03", "--to", "2026-10-04", says=("is not within the study",)
    ),
    "an unknown kind": typed("collect", *DAYS, "--only", "video", says=("--only 'video' is unknown; use videos",)),
    "a list that is not in the study": typed(
        "collect", "--only", "followers", says=("does not observe followers", "accounts.lists")
    ),
    "again without days": typed("collect", "--again", says=("need --from and --to",)),
    "an unknown option": typed("collect", "--form", "2026-11-03", says=("No such option: --form", "--from")),
    "an unknown command": typed("colect", says=("No such command 'colect'", "Did you mean 'collect'?")),
    "a trial of nothing": typed("try", says=("Missing argument",)),
    "a trial of an unknown search": typed("try", "climat", says=("has no search 'climat'",)),
    "a plan of no days": typed("plan", "--days", "0", says=("--days",)),
    "a plan in words": typed("plan", "--videos-per-day", "many", says=("--videos-per-day", "many")),
    "a plan of an unknown search": typed("plan", "--videos-per-day", "climat=3", says=("climat",)),
    "SQL with a mistake": typed("sql", "selec 1", says=("selec",), is_published=True),
    "a table that does not exist": typed(
        "sql", "from marts.video", says=("Did you mean marts.videos?",), is_published=True
    ),
    "a column that does not exist": typed(
        "sql", "select likes from marts.videos", says=("likes", "like_count"), is_published=True
    ),
    "SQL without quotation marks": typed(
        "sql",
        "select",
        "1",
        says=('Write the query in quotes: `tt sql "from marts.videos limit 5"`.',),
        is_published=True,
    ),
    "SQL that writes": typed(
        "sql",
        "drop table core.videos",
        says=(
            "only reads",
            "DROP",
        ),
        is_published=True,
    ),
    "a table to describe that does not exist": typed("describe", "marts.video", says=("Did you mean marts.videos?",)),
    "a format of Excel": typed(
        "export", "--format", "xls", says=("'xls' is unknown", "xlsx for Excel"), is_published=True
    ),
    "a table to export that does not exist": typed("export", "vidoes", says=("vidoes",), is_published=True),
    "a stratum without a sample": typed(
        "export", "--by", "search", says=("--by search needs --sample",), is_published=True
    ),
    "a sample of nothing": typed("export", "--sample", "0", says=("--sample",), is_published=True),
    "tables and SQL": typed(
        "export", "marts", "--sql", "select 1", says=("choose one of tables and --sql",), is_published=True
    ),
    "an export into a file": typed("export", "--to", "data/study.yaml", says=("study.yaml",), is_published=True),
    "a trace of nothing": typed("trace", says=("Name an id or a username",)),
    "a trace of a word": typed("trace", "climate change", says=("climate change",)),
    "a demo of two kinds": typed("demo", "--ui", "--chaos", says=("Use one of --ui, --chaos and --next-day",)),
    "a next day without a demo": typed("demo", "--next-day", says=("There is no demo in", "`tt demo` first")),
    "a simulator without days": typed("simulate", "--days", "0", says=("--days",)),
    "a port that is no number": typed("up", "--port", "http", says=("--port",)),
    "a study of nothing": typed(
        "init", "--force", "--title", "x", says=("--words or --accounts", "Nothing was written.")
    ),
}


@dataclass(slots=True)
class Server:
    """A server that only counts who connects."""

    base_url: str
    connections: int = 0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server in place of the API."""
    listening = socket.create_server(("127.0.0.1", 0))
    counter = Server(f"http://127.0.0.1:{listening.getsockname()[1]}")

    def count() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            counter.connections += 1
            connection.close()

    thread = threading.Thread(target=count, daemon=True)
    thread.start()
    yield counter
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with one video."""
    files = DataDir(tmp_path_factory.mktemp("published"))
    load(files.writer, [land(files.landing, [page(video(1))])])
    publish_file(files.writer, files.published, CLOCK)
    return files.published


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_and_nothing_is_sent_or_changed(
    name: str,
    server: Server,
    published: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The message says what was wrong and what to write instead; files and the server's count are as before."""
    mistake = MISTAKES[name]
    files: dict[str, str | None] = {"data/study.yaml": STUDY, **mistake.files}
    for path, content in files.items():
        if content is not None:
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(content)
    if mistake.is_published:
        shutil.copy(published, tmp_path / "data" / WAREHOUSE)
    usual = {
        "TT_API_BASE_URL": server.base_url,
        "TT_CLIENT_KEY": "sim-key",
        "TT_CLIENT_SECRET": "sim-secret",
        "TT_CLOCK": "2026-11-20T12:00:00@1",
    }
    for variable, value in {**usual, **mistake.environment}.items():
        monkeypatch.setenv(variable, value)
    before, connections = contents(tmp_path), server.connections

    code = run(*mistake.command)

    message = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert (code, [words for words in mistake.says if words not in message]) == (mistake.code, []), message
    assert (contents(tmp_path), server.connections - connections) == (before, 0)


def contents(folder: Path) -> dict[str, str]:
    """Every file with a checksum, and every folder, below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }


def test_there_are_fifty() -> None:
    """Rows are added, not replaced."""
    assert len(MISTAKES) >= 50
