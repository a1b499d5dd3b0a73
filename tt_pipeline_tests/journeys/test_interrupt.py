"""After Ctrl-C landed pages are kept and published, a message says so, and the same command continues."""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread

import dagster as dg
import pytest

from tt_pipeline.orchestration.instance import open_instance
from tt_pipeline.reports.answers import published_counts
from tt_pipeline.simulator import Fault, FaultKind
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place

pytestmark = pytest.mark.journey

COLLECT = [sys.executable, "-m", "tt_pipeline.cli", "collect", "--from", f"{FIRST_DAY}", "--to", f"{LAST_DAY}"]


def collecting(place: Place) -> subprocess.Popen[str]:
    """Start `tt collect` in a separate process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TT_", "DAGSTER_"))}
    return subprocess.Popen(
        COLLECT, env=environment | place.environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_for_comments(place: Place, requests: int) -> None:
    """Wait until so many listings were requested."""
    ends_at = time.monotonic() + 60
    while sum(sent.endpoint == "comment_list" for sent in place.simulator.log) < requests:
        assert time.monotonic() < ends_at
        time.sleep(0.05)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_is_reported_published_and_continued(place: Place, number: int, code: int) -> None:
    """Exit code and one sentence; landed pages are published; no request is repeated afterwards."""
    place.simulator.change_knobs(faults=(Fault(kind=FaultKind.SLOW, endpoint="comment_list", always=True, slow_s=0.3),))
    with collecting(place) as process:
        wait_for_comments(place, 4)
        process.send_signal(number)
        _, output = process.communicate(timeout=60)
    published = published_counts(place.settings.files.published)
    with open_instance(place.settings.files) as instance:
        statuses = {run.status for run in instance.get_runs()}
    place.simulator.change_knobs(faults=())
    with collecting(place) as again:
        again.communicate(timeout=120)
    bodies = [repr(sent.body) for sent in place.simulator.log if sent.status == 200 and "oauth" not in sent.endpoint]

    assert process.returncode == code
    assert "Traceback" not in output
    assert "Interrupted. Landed pages are kept; run the same command again to continue." in " ".join(output.split())
    assert published["videos"] > 0
    assert statuses == {dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.SUCCESS}
    assert again.returncode == 0
    assert len(bodies) == len(set(bodies))


@pytest.mark.skipif(shutil.which("setsid") is None, reason="only Linux has setsid")
def test_ctrl_c_in_a_terminal_shows_no_traceback_and_the_whole_receipt(place: Place) -> None:
    """A terminal sends Ctrl-C to every process of the command; the receipt includes the interrupted step."""
    place.simulator.change_knobs(faults=(Fault(kind=FaultKind.SLOW, endpoint="comment_list", always=True, slow_s=0.3),))
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TT_", "DAGSTER_"))}
    command = ["setsid", "--ctty", "--wait", *COLLECT]
    with subprocess.Popen(
        command, env=environment | place.environment(COLUMNS="200"), stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        output: list[bytes] = []
        reader = Thread(target=lambda: output.extend(_until_closed(ours)))
        reader.start()
        wait_for_comments(place, 4)
        os.write(ours, b"\x03")
        process.wait(timeout=120)
        reader.join()
    shown = b"".join(output).decode()
    receipt = re.search(r"([0-9]+) rows for ([0-9]+) requests\b", shown[shown.rindex("Receipt") :])

    assert process.returncode == 130
    assert "Traceback" not in shown
    assert receipt is not None
    charged = [sent for sent in place.simulator.log if "oauth" not in sent.endpoint]
    assert int(receipt[1]) > 0
    assert int(receipt[2]) == len(charged)


def _until_closed(terminal: int) -> Iterator[bytes]:
    with suppress(OSError):  # the last process has closed its end
        while content := os.read(terminal, 4096):
            yield content
    os.close(terminal)
