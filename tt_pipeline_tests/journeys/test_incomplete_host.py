"""A data dir without its ledger or some landed files keeps the quota and publishes nothing incomplete."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tt_pipeline.counted import counted
from tt_pipeline.coverage.workspace import open_workspace
from tt_pipeline.errors import LandingIncomplete
from tt_pipeline.ingestion.delivery import publish_warehouse
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.journeys.conftest import STUDY, Place

pytestmark = pytest.mark.journey


COUNTED = (
    "{ledger} lacked {lost} of today's requests, whose pages have landed: they were counted again, so that the quota"
    " is not exceeded. Requests without a landed page are not known."
)


def output_of(capsys: pytest.CaptureFixture[str], *command: str) -> tuple[int, str]:
    """Exit code and output of a command, in one line."""
    capsys.readouterr()
    code = run(*command)
    shown = capsys.readouterr()
    return code, " ".join(f"{shown.out} {shown.err}".split())


@pytest.fixture
def place(collected: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A collected data dir that the commands use."""
    for name, value in collected.environment().items():
        monkeypatch.setenv(name, value)
    return collected


def used(place: Place) -> dict[Bucket, int]:
    """Today's requests in the ledger."""
    with open_workspace(place.settings) as workspace:
        return {bucket: workspace.use(bucket).used for bucket in Bucket}


def delete_ledger(ledger: Path) -> int:
    """Delete the file and its log."""
    for file in ledger.parent.glob("ledger.sqlite*"):
        file.unlink()
    return 0


def empty_ledger(ledger: Path) -> int:
    """Empty the file, as after a full disk or a crash of the machine."""
    delete_ledger(ledger)
    ledger.write_bytes(b"")
    return 0


def restore_older_ledger(ledger: Path) -> int:
    """Restore a copy of this morning."""
    with closing(sqlite3.connect(ledger)) as database, database:
        database.execute("delete from requests where request_id > 10")
    return 10


@pytest.mark.parametrize(
    "lose",
    cases({lose.__name__: lose for lose in (delete_ledger, empty_ledger, restore_older_ledger)}, "delete_ledger"),
)
def test_a_lost_ledger_is_counted_again(
    place: Place, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, lose: Callable[[Path], int]
) -> None:
    """`doctor` reports it, `status` counts the landed pages once and says so; the quota is not exceeded."""
    ledger, before = place.settings.files.internal / "ledger.sqlite", used(place)
    place.settings.study_file.write_text(STUDY.replace("1000,", f"{before[Bucket.MAIN]},"))
    kept = lose(ledger)
    lost = before[Bucket.MAIN] - kept
    caplog.clear()

    noticed = output_of(capsys, "doctor")
    status = output_of(capsys, "status")
    again = output_of(capsys, "doctor")

    assert noticed[0] == 1
    landed = counted(before[Bucket.MAIN], "page", "have")
    assert f"{ledger} knows {counted(kept, 'request')} of today, but {landed} landed today" in noticed[1]
    assert used(place) == before
    assert (status[0], again[0]) == (0, 0)
    assert f"{counted(lost, 'request', 'were')} counted again from landed pages" in status[1]
    assert f"{counted(lost, 'request', 'were')} counted again from landed pages" in again[1]
    assert [record.getMessage() for record in caplog.records if "counted again" in record.getMessage()] == [
        COUNTED.format(ledger=ledger, lost=lost)
    ]
    assert run("collect", "--from", "2026-11-03", "--to", "2026-11-03", "--again") == 75
    assert place.new_requests() == []


def published(place: Place) -> bytes:
    """The bytes of the published file."""
    return place.settings.files.published.read_bytes()


def test_a_second_host_on_the_same_ledger_publishes_nothing(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It lacks landed files of the study: the message has their number and the remedy; --accept-loss publishes."""
    second = tmp_path / "second"
    second.mkdir()
    shutil.copy(place.settings.study_file, second)
    (one, *others) = sorted(place.settings.files.landing.rglob("*.ndjson*"))
    copied = second / one.relative_to(place.settings.data_dir)
    copied.parent.mkdir(parents=True)
    shutil.copy(one, copied)
    monkeypatch.setenv("TT_DATA_DIR", str(second))
    monkeypatch.setenv("TT_LEDGER", str(place.settings.ledger_file))

    refused = output_of(capsys, "rebuild")
    noticed = output_of(capsys, "doctor")

    problem = f"Nothing was published: {second / 'internal' / 'landing'} has 1 landed file, but according to the ledger"
    problem += f" another landing folder of this study has {1 + len(others)}."
    assert (refused[0], problem in refused[1], "tt rebuild --accept-loss" in refused[1]) == (1, True, True)
    assert (noticed[0], problem.removeprefix("Nothing was published: ") in noticed[1]) == (1, True)
    assert "Nothing was published" not in noticed[1]  # a file from before would be in another line
    assert not (second / "warehouse.duckdb").exists()

    assert output_of(capsys, "rebuild", "--accept-loss")[0] == 0
    assert output_of(capsys, "rebuild")[0] == 0  # decided once
    monkeypatch.setenv("TT_DATA_DIR", str(place.settings.data_dir))
    assert output_of(capsys, "rebuild")[0] == 0


def test_without_its_landing_folder_nothing_is_requested_again(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A disk that is not mounted would cost everything twice; begun anew on purpose, the days are requested."""
    landing, before = place.settings.files.landing, used(place)
    landing.rename(tmp_path / "unmounted")

    code, said = output_of(capsys, "collect", "--again", "--yes")

    assert (code, "Nothing was requested" in said, "Mount the disk" in said) == (1, True, True)
    assert used(place) == before
    assert output_of(capsys, "rebuild", "--accept-loss")[0] == 0
    assert output_of(capsys, "collect")[0] == 0
    assert used(place)[Bucket.MAIN] > before[Bucket.MAIN]


@pytest.mark.parametrize("knows", cases({"the ledger": "ledger", "the published file": "published"}, "the ledger"))
def test_a_landing_folder_that_lost_files_publishes_nothing(place: Place, tmp_path: Path, knows: str) -> None:
    """The published file stays, as with a missing mount; it is replaced when the files are there again."""
    landing, before = place.settings.files.landing, published(place)
    if knows == "published":
        delete_ledger(place.settings.files.internal / "ledger.sqlite")
    landing.rename(tmp_path / "unmounted")
    with open_workspace(place.settings) as workspace, pytest.raises(LandingIncomplete, match="Mount the disk"):
        publish_warehouse(workspace)
    assert published(place) == before

    shutil.rmtree(landing)
    (tmp_path / "unmounted").rename(landing)
    with open_workspace(place.settings) as workspace:
        publish_warehouse(workspace)
    assert published(place) != before


@pytest.mark.parametrize("damage", cases({"gone": None, "empty": b"", "not UTF-8": b"\xff" * 33}, "gone"))
def test_a_landing_folder_without_a_name_gets_one(place: Place, damage: bytes | None) -> None:
    """A data dir from before folders had names publishes; a damaged name is replaced."""
    name = place.settings.files.landing / "identity"
    name.unlink()
    if damage is not None:
        name.write_bytes(damage)

    with open_workspace(place.settings) as workspace:
        first = workspace.zone.identity
        publish_warehouse(workspace)
    with open_workspace(place.settings) as workspace:
        assert workspace.zone.identity == first
