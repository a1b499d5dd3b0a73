"""`tt rehydrate` as users call it: what it says, asks, collects and reports, and with which exit code it ends."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from tt_pipeline.cli.exits import Exit
from tt_pipeline.simulator import Knobs
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.collection_lab import NOON, Lab, MakeLab

pytestmark = pytest.mark.journey

NEVER_EXISTED = 7_690_000_000_000_000_001
OTHER = "study: Other\nstart: 2026-11-01\nsearches:\n  climate: {hashtags: [climate]}\nquota: {confirmed: true}\n"


@pytest.fixture(autouse=True)
def clock(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder in which commands reach the simulator."""
    settings = {"API_BASE_URL": lab.base_url, "CLIENT_KEY": "sim-key", "CLIENT_SECRET": "sim-secret"}
    for name, value in (settings | {"CLOCK": f"{NOON.isoformat()}@1"}).items():
        monkeypatch.setenv(f"TT_{name}", value)


def some_ids(lab: Lab) -> list[int]:
    """150 ids of videos of two months, and one that never existed."""
    days = [date(2026, 10, 28) + timedelta(days=number) for number in range(10)]
    return [*(video.id for day in days for video in lab.simulator.world.videos(day)[:15]), NEVER_EXISTED]


def listed(lab: Lab) -> list[int]:
    """The ids, which are also in ids.csv."""
    ids = some_ids(lab)
    Path("ids.csv").write_text("video_id\n" + "".join(f"{each}\n" for each in ids))
    return ids


def shown(lab: Lab, ids: list[int]) -> list[int]:
    """Those that the simulator returns."""
    condition = {"operation": "IN", "field_name": "video_id", "field_values": [str(each) for each in ids]}
    return lab.simulator.truth_videos({"and": [condition]}, date(2026, 10, 25), date(2026, 11, 19))


def report_of(file: str) -> list[dict[str, str]]:
    """The rows of the report."""
    with Path(file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Everything that was printed since, in one line."""
    output = capsys.readouterr()
    return " ".join(f"{output.out} {output.err}".split())


def test_a_list_becomes_data_and_a_report(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """The study is written, the price is what is sent, the report counts what the simulator shows; then all is free."""
    ids = listed(lab)
    assert run("rehydrate", "ids.csv", "--yes", "--output", "report.csv") == Exit.COMPLETE
    output = said(capsys)
    found = len(shown(lab, ids))

    assert "ids.csv: 151 video ids, uploaded from 2026-09-" in output
    assert (
        "Price: 3 requests, 1 day of quota at 1,000 a day; one more for each that fails or returns nothing." in output
    )
    assert lab.sent() == 4
    assert f"{found} rows for 4 requests (lower bound 3, 1.33 ×), 0 pages requested twice." in output
    assert "Missing: the API did not return the id, and does not say why." in output
    *months, whole = report_of("report.csv")
    assert [month["month"] for month in months] == ["2026-09", "2026-10", "2026-11"]
    assert (whole["listed"], whole["asked"], whole["found"]) == ("151", "151", f"{found}")
    assert (int(whole["missing"]), whole["not_asked"]) == (151 - found, "0")
    assert sum(int(month["found"]) for month in months) == found
    assert not any(str(each) in Path("report.csv").read_text() for each in ids)
    assert Path("data/ids.txt").stat().st_mode & 0o777 == 0o600

    sent = lab.sent()
    assert run("rehydrate", "ids.csv") == Exit.COMPLETE
    assert "it costs nothing" in said(capsys)
    assert lab.sent() == sent


def test_a_used_up_quota_is_a_pause(
    make_lab: MakeLab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with 75 and says what was not asked; the same command goes on the next day, without a question."""
    with make_lab(Knobs(rate_per_minute=10**6, quota_main=1)) as lab:
        listed(lab)
        assert run("rehydrate", "ids.csv", "--yes", "--output", "first.csv") == Exit.PAUSED
        assert "Run the same command after the reset to continue." in said(capsys)
        assert int(report_of("first.csv")[-1]["not_asked"]) > 0
        lab.clock.advance(seconds=13 * 3_600)  # within a day, the other answers prove that the empty one was right
        lab.simulator.change_knobs(quota_main=1_000)
        monkeypatch.setenv("TT_CLOCK", f"{lab.clock.now().isoformat()}@1")
        assert run("rehydrate", "ids.csv", "--output", "second.csv") == Exit.COMPLETE
        assert report_of("second.csv")[-1]["not_asked"] == "0"


def test_what_was_deleted_on_request_is_not_requested(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Its id is neither in the new study nor in a request, and the report counts it apart."""
    ids = listed(lab)
    run("rehydrate", "ids.csv", "--yes")
    purged = shown(lab, ids)[0]
    assert run("purge", f"{purged}", "--yes") == 0
    capsys.readouterr()
    assert run("rehydrate", "ids.csv", "--output", "report.csv") == Exit.COMPLETE
    assert "1 id was deleted here on request, and will not be requested." in said(capsys)
    whole = report_of("report.csv")[-1]
    assert (whole["listed"], whole["asked"], whole["deleted_on_request"]) == ("151", "150", "1")


def test_nothing_happens_before_a_yes(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """A trial run and a missing answer say the price; neither writes a file or sends a request."""
    listed(lab)
    assert run("rehydrate", "ids.csv", "--dry-run") == Exit.COMPLETE
    assert "Price: 3 requests" in said(capsys)
    assert run("rehydrate", "ids.csv") == Exit.WRONG_USAGE
    assert "Nothing was written or sent. Agree to the price with --yes." in said(capsys)
    assert (lab.sent(), Path("data").exists()) == (0, False)


def test_a_study_of_something_else_is_left_alone(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """It says in which folder to go on, or what to add; added, the ids are collected, and no other search is."""
    ids = listed(lab)
    study = Path("data/study.yaml")
    study.parent.mkdir()
    study.write_text(OTHER)
    assert run("rehydrate", "ids.csv", "--yes") == Exit.WRONG_USAGE
    assert "study.yaml is another study: 151 ids are in none of its searches. Nothing was written or sent." in said(
        capsys
    )
    assert (study.read_text(), lab.sent()) == (OTHER, 0)

    of_november = [each for each in ids if each >> 32 >= NOON.timestamp() - 19 * 86_400]
    Path("ids.csv").write_text("\n".join(map(str, of_november)))
    Path("data/ids.txt").write_text("\n".join(map(str, of_november)))
    study.write_text(OTHER.replace("quota", "  rehydrated: {video_ids: {file: ids.txt}}\nquota"))
    assert run("rehydrate", "ids.csv", "--output", "report.csv") == Exit.COMPLETE
    assert report_of("report.csv")[-1]["asked"] == f"{len(of_november)}"
    assert lab.sent() == 1


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("nowhere.csv",), "nowhere.csv: does not exist."),
        (("ids.csv", "--output", "gone/report.csv"), "its folder does not exist. Nothing was written or sent."),
        (("ids.csv", "--output", "."), "it is a folder"),
        (("data",), "data: is a folder; name the file that has the ids."),
    ],
)
def test_what_cannot_be_meant_is_refused(
    lab: Lab, words: tuple[str, ...], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one sentence, and nothing was sent."""
    listed(lab)
    Path("data").mkdir()
    assert run("rehydrate", *words, "--yes") == Exit.WRONG_USAGE
    assert problem in said(capsys)
    assert lab.sent() == 0


def test_files_that_are_there_are_not_overwritten(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of the user's beside the new study stays; so does data whose study is gone."""
    listed(lab)
    Path("data").mkdir()
    Path("data/ids.txt").write_text("mine")
    assert run("rehydrate", "ids.csv", "--yes") == Exit.WRONG_USAGE
    assert "ids.txt exists already, with another content." in said(capsys)
    assert (Path("data/ids.txt").read_text(), Path("data/study.yaml").exists()) == ("mine", False)

    Path("data/ids.txt").unlink()
    run("rehydrate", "ids.csv", "--yes")
    Path("data/study.yaml").unlink()
    capsys.readouterr()
    assert run("rehydrate", "ids.csv", "--yes") == Exit.WRONG_USAGE
    assert "has data of a study whose file is gone" in said(capsys)
