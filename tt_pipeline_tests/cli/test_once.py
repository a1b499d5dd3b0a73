"""One-off commands as users type them, in folders with and without a study."""

import io
import json
import re
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.cli import once_price
from tt_pipeline.cli.exits import Exit
from tt_pipeline.errors import UsageError
from tt_pipeline.studies import QuotaRules, study_or_empty
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.collection_lab import STUDY, Lab

TIKTOK = "https://open.tiktokapis.com"
BODY = {
    "or": [
        {"operation": "IN", "field_name": "hashtag_name", "field_values": ["climate"]},
        {"operation": "IN", "field_name": "keyword", "field_values": ["#climate"]},
    ]
}
TWO_DAYS = ("--from", "2026-11-03", "--to", "2026-11-04")


@pytest.fixture
def folder(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which commands reach the simulator."""
    monkeypatch.chdir(tmp_path)
    settings = {"API_BASE_URL": lab.base_url, "CLIENT_KEY": "sim-key", "CLIENT_SECRET": "sim-secret"}
    for name, value in (settings | {"CLOCK": "2026-11-20T12:00:00+00:00@1"}).items():
        monkeypatch.setenv(f"TT_{name}", value)
    return tmp_path


def answer(folder: Path, sql: str) -> list[tuple[object, ...]]:
    """Rows of the published warehouse."""
    with duckdb.connect(folder / "data" / "warehouse.duckdb", read_only=True) as warehouse:
        return warehouse.execute(sql).fetchall()


def test_a_search_needs_no_study(folder: Path, lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what it sends and what that costs, writes the rows, stores and publishes them, and says where."""
    assert run("search", "#climate", *TWO_DAYS, "--max-pages", "2", "--to", "rows.jsonl") == Exit.COMPLETE

    output = capsys.readouterr().out.splitlines()
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    sought = "Videos that either have hashtag climate or have #climate in their text"
    assert output[0] == f"{sought}, 2026-11-03..2026-11-04."
    assert json.loads("".join(output[1:3])) == BODY
    assert output[3:] == [
        "At most 2 pages: one request each of today's main quota (1,000 a day), and one more for each that fails.",
        f"rows.jsonl: {len(rows)} rows. What must be deleted has to be deleted from this copy too.",
        f"{len(rows)} rows; {lab.sent()} request sent. Quota today: {lab.sent()} of 1,000 used.",
        "The search is complete: no page follows.",
        f"Stored in {folder / 'data'} and its warehouse.duckdb. A study does not count it.",
    ]
    assert answer(folder, "select count(*) from core.videos") == [(len(rows),)]
    assert answer(folder, "select kind, is_current from ops.searches") == [("once", False)]
    assert {type(row["id"]) for row in rows} == {str}


@pytest.mark.usefixtures("folder")
def test_a_repeated_search_sends_nothing(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """The rows are shown again, and the sentence says how to request them again."""
    run("search", "#climate", *TWO_DAYS)
    sent = lab.sent()
    capsys.readouterr()

    assert run("search", "#climate", *TWO_DAYS) == Exit.COMPLETE
    output = capsys.readouterr().out
    assert lab.sent() == sent
    assert "nothing was sent, because it had landed. --again requests it again." in output
    assert "view_count" in output


@pytest.mark.usefixtures("folder")
def test_continued_rows_are_the_new_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """`--continue` shows what came with its own pages, and its file has all rows."""
    days = ("--from", "2026-10-01", "--to", "2026-10-29", "--max-pages", "1")
    run("search", "climate", *days)
    first = capsys.readouterr().out

    assert run("search", "climate", *days, "--continue") == Exit.COMPLETE
    second = capsys.readouterr().out

    ids = [{line[:19] for line in output.splitlines() if line[:19].isdigit()} for output in (first, second)]
    assert ids[1]
    assert not ids[0] & ids[1]
    rows, new = re.findall(r"^(\d+) rows, (\d+) of them new; 1 request sent", second, re.MULTILINE)[0]
    assert re.search(rf"^{int(rows) - int(new)} rows; 1 request sent", first, re.MULTILINE)


@pytest.mark.usefixtures("folder")
def test_a_video_without_comments_says_what_that_can_mean(capsys: pytest.CaptureFixture[str]) -> None:
    """The API answers the same for a video without comments and for one that is not there."""
    assert run("comments", "7692581445480000000") == Exit.COMPLETE

    output = capsys.readouterr().out
    assert (
        "7692581445480000000: the API returned no comment. It answers the same if the video has none, if its comments "
        "are turned off, and if the video is deleted, private or wrong; "
        "https://www.tiktok.com/@/video/7692581445480000000 shows which."
    ) in output


def test_a_trace_finds_the_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each kind of file is a copy that may have to be deleted; a file that is gone is named."""
    for name in ("rows.jsonl", "rows.csv", "rows.parquet"):
        run("search", "#climate", *TWO_DAYS, "--out", name)
    video = json.loads((folder / "rows.jsonl").read_text().splitlines()[0])["id"]
    (folder / "rows.csv").unlink()
    capsys.readouterr()

    run("trace", video, "--json")
    traced = json.loads(capsys.readouterr().out)
    copies = [place["file"] for place in traced["held"] if place["table"].startswith("rows.")]
    assert copies == [str(folder / "rows.jsonl"), str(folder / "rows.parquet")]
    assert any("rows.csv: an export was written there" in note for note in traced["not_read"])


@pytest.mark.usefixtures("folder")
def test_several_words_say_that_all_must_match(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence says why they become keywords."""
    run("search", "climate", "strike", *TWO_DAYS)

    assert (
        "All words must match. Groups of conditions cannot be nested, so each word is one keyword condition; "
        "descriptions contain their hashtags." in capsys.readouterr().out
    )


def test_only_words_say_that_all_must_match(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody who wrote conditions as JSON has to be told how words become conditions."""
    words = [{"operation": "EQ", "field_name": "keyword", "field_values": [word]} for word in ("climate", "strike")]
    (folder / "q.json").write_text(json.dumps({"and": words}))
    run("search", "--query", "q.json", *TWO_DAYS)

    assert "All words must match." not in capsys.readouterr().out


def test_a_wrong_secret_is_one_sentence(
    folder: Path, lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No result is shown or written, because there is none; an earlier file stays."""
    monkeypatch.setenv("TT_CLIENT_SECRET", "wrong")
    (folder / "rows.jsonl").write_text("mine")

    assert run("search", "#climate", *TWO_DAYS, "--out", "rows.jsonl") == Exit.WRONG_USAGE

    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1].startswith("At most 2 pages: one request each")
    assert len(captured.err.splitlines()) == 1
    assert (lab.sent(), (folder / "rows.jsonl").read_text()) == (0, "mine")


def test_the_daily_limit_pauses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One request is allowed: its page is shown, and the exit code is that of a pause."""
    (folder / "q.json").write_text('{"and": [{"operation": "GTE", "field_name": "view_count", "field_values": ["0"]}]}')
    code = run("search", "--query", "q.json", *TWO_DAYS, "--requests-per-day", "1")

    captured = capsys.readouterr()
    assert code == Exit.PAUSED
    assert "1 request sent" in captured.out
    assert "Paused; landed pages are kept." in captured.err


@pytest.mark.usefixtures("folder")
def test_accounts_and_videos_need_no_study(capsys: pytest.CaptureFixture[str]) -> None:
    """A profile and a refusal; the price of pinned videos is one request each, because they are one page."""
    assert run("pinned", "@nobody.of.that.name") == Exit.COMPLETE

    output = capsys.readouterr().out
    assert "At most 1 page: one request each of today's main quota (1,000 a day)" in output
    assert "nobody.of.that.name was not found." in output


def test_a_rebuild_needs_no_study(folder: Path) -> None:
    """What one-off commands have landed can be built again; an empty folder is still refused."""
    assert run("rebuild") == Exit.WRONG_USAGE
    run("search", "#climate", *TWO_DAYS)
    before = answer(folder, "select count(*) from core.search_hits where search = 'once'")

    assert run("rebuild") == Exit.COMPLETE
    assert answer(folder, "select count(*) from core.search_hits where search = 'once'") == before != [(0,)]


def test_a_named_study_must_exist(lab: Lab, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A TT_STUDY that leads nowhere does not silently become a folder without a study."""
    monkeypatch.setenv("TT_STUDY", str(folder / "other.yaml"))

    assert run("search", "#climate", *TWO_DAYS) == Exit.WRONG_USAGE
    assert (lab.sent(), (folder / "data").exists()) == (0, False)


def test_what_landed_before_an_interruption_is_published(folder: Path) -> None:
    """The repeated command sends nothing, and loads what the interrupted one had landed."""
    run("search", "#climate", *TWO_DAYS)
    (folder / "data" / "internal" / "writer.duckdb").unlink()
    (folder / "data" / "warehouse.duckdb").unlink()

    run("search", "#climate", *TWO_DAYS)
    assert answer(folder, "select count(*) > 0 from core.videos") == [(True,)]


def test_the_reserved_name_is_refused_only_here(folder: Path, lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """A study with a search of that name stays valid with a notice; the command says why it stops, and what to do."""
    study = folder / "data" / "study.yaml"
    study.parent.mkdir()
    study.write_text(STUDY.replace("climate:", "once:"))

    assert run("check") == Exit.COMPLETE
    notice = "Notice: searches.once: one-off commands such as `tt search` store their answers under this name, so they"
    assert notice in capsys.readouterr().out
    assert run("search", "#climate", *TWO_DAYS) == Exit.WRONG_USAGE
    assert capsys.readouterr().err.replace("\n", " ") == (
        "data/study.yaml has a search called once, the name under which one-off collections are stored, so both would "
        "be mixed. Nothing was sent. Set TT_DATA_DIR to another folder for this command. "
    )
    assert lab.sent() == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Write the words to search for"),
        (("x", "--query", "q.json"), "Write the words to search for"),
        (("x", "--continue", "--again"), "write one of them"),
        (("x", "--search-id", "7"), "belong together"),
        (("x", "--search-id", "7", "--cursor", "1", "--from", "2026-09-01"), "a search_id belongs to one window"),
        (("x", "--out", "rows.txt"), "the name must end with .jsonl"),
    ],
)
def test_a_mistake_sends_nothing(
    folder: Path, lab: Lab, words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 2, the message says what to write, and no folder is made."""
    assert run("search", *words) == Exit.WRONG_USAGE
    assert says in capsys.readouterr().err
    assert (lab.sent(), (folder / "data").exists()) == (0, False)


def test_a_real_server_needs_a_confirmed_price(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal the command names --yes, and nothing was sent or made."""
    monkeypatch.setenv("TT_API_BASE_URL", TIKTOK)

    assert run("search", "#rstats") == Exit.WRONG_USAGE
    price = "At most 2 pages: one request each of today's main quota (1,000 a day), and one more for each that fails."
    assert capsys.readouterr().err == f"{price} Nothing was requested. Agree to the price with --yes.\n"
    assert not (folder / "data").exists()


@pytest.mark.parametrize("command", ["followers", "following"])
def test_the_main_quota_does_not_limit_another_one(
    folder: Path, lab: Lab, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The option would be ignored, so it is refused."""
    assert run(command, "someone", "--requests-per-day", "3") == Exit.WRONG_USAGE
    assert f"--requests-per-day limits the main quota; {command} have one of their own." in capsys.readouterr().err
    assert (lab.sent(), (folder / "data").exists()) == (0, False)


@pytest.mark.parametrize(
    ("requests", "confirmed", "base_url", "yes", "is_asked"),
    [
        (2, False, TIKTOK, False, True),
        (2, True, TIKTOK, False, False),
        (51, True, TIKTOK, False, True),
        (51, True, TIKTOK, True, False),
        (51, False, "http://127.0.0.1:1", False, False),
    ],
)
def test_when_the_price_is_asked(
    monkeypatch: pytest.MonkeyPatch, *, requests: int, confirmed: bool, base_url: str, yes: bool, is_asked: bool
) -> None:
    """Not for the simulator, nor for a small price in a study that has confirmed its quota."""
    study = study_or_empty(Path("study.yaml"), quota=QuotaRules(confirmed=confirmed))

    monkeypatch.setattr("sys.stdin", io.StringIO())  # no terminal, also where a person runs this test

    def confirm() -> None:
        once_price.confirm(requests, Bucket.MAIN, study=study, base_url=base_url, is_confirmed=yes)

    if is_asked:
        with pytest.raises(UsageError, match="--yes"):
            confirm()
    else:
        confirm()


def test_no_profile_is_requested_where_the_study_wants_none(
    folder: Path, lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    """`tt users` is refused before anything is sent, and the message names the key."""
    (folder / "data").mkdir()
    (folder / "data" / "study.yaml").write_text(f"{STUDY}privacy: {{profiles: false}}\n")

    assert run("users", "nasa") == Exit.WRONG_USAGE
    assert "says `privacy: {profiles: false}`, so no profile is requested" in " ".join(capsys.readouterr().err.split())
    assert lab.sent() == 0
