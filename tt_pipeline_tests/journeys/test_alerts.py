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


def test_a_failed_collection_is_told_until_one_succeeds(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--limit is no failure; credentials that are refused on the way are one, with the reason."""
    told = tmp_path / "told.jsonl"
    for name, value in place.environment(TT_ALERT_COMMAND=f'{sys.executable} -c "{KEPT}" {told}').items():
        monkeypatch.setenv(name, value)

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
    assert [json.loads(line)["is_over"] for line in told.read_text().splitlines()] == [False, True]
