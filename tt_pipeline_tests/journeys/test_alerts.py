"""People who use cron hear of a failed run from `tt collect` itself."""

import json
import sys
from pathlib import Path

import pytest

from tt_pipeline.simulator import Fault, FaultKind
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, Place

pytestmark = pytest.mark.journey

KEPT = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(10))"
A_DAY = ("collect", "--from", str(FIRST_DAY), "--to", str(FIRST_DAY), "--only", "videos")


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """The file to which the alert command appends."""
    return tmp_path / "told.jsonl"


def settings_of(place: Place, told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give `tt` the settings of a place, and an alert command."""
    for name, value in place.environment(TT_ALERT_COMMAND=f'{sys.executable} -c "{KEPT}" {told}').items():
        monkeypatch.setenv(name, value)


def messages(told: Path) -> list[tuple[str, bool]]:
    """What the alert command was told."""
    lines = told.read_text().splitlines() if told.exists() else []
    return [(message["alert"], message["is_over"]) for message in map(json.loads, lines)]


def test_a_price_that_waits_for_a_yes_is_told_until_somebody_agrees(
    collected: Place, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else would say so where cron collects: these days would stay outdated for ever."""
    settings_of(collected, told, monkeypatch)
    study = collected.settings.study_file.read_text().replace("[climate, klima]", "[climate, klima, climatechange]")
    collected.settings.study_file.write_text(study.replace("quota: {", "quota: {confirm_above: 3, "))

    assert [run("collect"), run("collect")] == [2, 2]
    assert messages(told) == [("price_to_confirm", False)]
    assert "these days wait for `tt collect --yes`" in told.read_text()

    assert run("collect", "--yes") == 0
    assert messages(told) == [("price_to_confirm", False), ("price_to_confirm", True)]


def test_a_failed_collection_is_told_until_one_succeeds(
    place: Place, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--limit is no failure; credentials that are refused on the way are one, with the reason."""
    settings_of(place, told, monkeypatch)

    assert run(*A_DAY, "--limit", "1") == 75
    assert not told.exists()

    refused = Fault(kind=FaultKind.SCOPE_NOT_AUTHORIZED, endpoint="video_query", always=True)
    place.simulator.change_knobs(faults=(refused,))
    assert run(*A_DAY) == 2
    (message,) = map(json.loads, told.read_text().splitlines())
    assert (message["alert"], message["is_over"], "(collect) failed at 2026-" in message["says"]) == (
        "run_failed",
        False,
        True,
    )

    place.simulator.change_knobs(faults=())
    assert run(*A_DAY) == 0
    assert messages(told) == [("run_failed", False), ("run_failed", True)]
