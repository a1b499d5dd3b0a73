"""`tt up` goes on when an edited study cannot be loaded, and tries again: after some seconds, then every minute."""

import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.cli import study_watch
from tt_pipeline.cli.study_watch import LocationWatch, StudyWatch
from tt_pipeline.cli.up_steps import StepFailed
from tt_pipeline.settings import Settings

STUDY = "study: Test\nstart: 2026-10-01\nsearches:\n  climate: {hashtags: [climate]}\n"


@dataclass
class Lab:
    """A clock, the answers of steps to come, and when a step was run."""

    now: float = 1_000.0
    answers: list[Any] = field(default_factory=list)
    tries: list[float] = field(default_factory=list)

    def step(self, *_: Any) -> Any:
        """The next answer."""
        self.tries.append(self.now)
        if isinstance(answer := self.answers.pop(0), Exception):
            raise answer
        return answer


@pytest.fixture
def watch(tmp_path: Path) -> StudyWatch:
    """A watch that has loaded a study, which is then edited."""
    (tmp_path / "study.yaml").write_text(STUDY)
    watch = StudyWatch(Settings(data_dir=tmp_path), "http://127.0.0.1:9")
    watch.begin()
    (tmp_path / "study.yaml").write_text(STUDY.replace("[climate]", "[climate, klima]"))
    return watch


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Steps that answer in turn, at times that the test sets."""
    lab = Lab()
    monkeypatch.setattr(study_watch, "run_step", lab.step)
    monkeypatch.setattr(time, "monotonic", lambda: lab.now)
    return lab


FAILED = StepFailed(1, "The disk is full.")


@pytest.mark.parametrize("failure", [None, FAILED], ids=["the UI is starting", "the step fails"])
def test_an_edit_is_loaded_at_a_later_try(
    watch: StudyWatch, failure: Exception | None, lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not at each look, because each try is a process."""
    lab.answers = [failure, ["climate waits."]]
    for lab.now in (1_000.0, 1_001.0, 1_004.0):
        watch.look()
    said = "The disk is full.\n" if failure else ""
    assert (lab.tries, capsys.readouterr()) == ([1_000.0], ("", said))

    lab.now = 1_006.0
    watch.look()
    watch.look()
    shown = capsys.readouterr()
    assert (len(lab.tries), "its definitions are loaded" in shown.out, shown.err) == (2, True, "climate waits.\n")


def test_what_cannot_be_loaded_is_said_once_and_tried_every_minute(
    watch: StudyWatch, lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    """The waits grow from five seconds to a minute."""
    lab.answers = [FAILED] * 8
    for second in range(260):
        lab.now = 1_000.0 + second
        watch.look()
    waits = [round(later - earlier) for earlier, later in pairwise(lab.tries)]
    assert (waits, capsys.readouterr().err) == ([5, 10, 20, 40, 60, 60, 60], "The disk is full.\n")


def test_a_further_edit_is_loaded_at_once(watch: StudyWatch, lab: Lab) -> None:
    """A person who has corrected the study does not wait a minute."""
    lab.answers = [FAILED, FAILED, []]
    for lab.now in (1_000.0, 1_006.0):
        watch.look()
    watch.settings.study_file.write_text(STUDY.replace("[climate]", "[klima]"))
    lab.now = 1_007.0
    assert (watch.look(), watch.look(), lab.tries) == (True, False, [1_000.0, 1_006.0, 1_007.0])


def test_a_location_that_stays_broken_is_shown_once(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Also when the step that looks fails; it looks after a minute, then every ten, and when it is asked to."""
    lab.answers = [None, "No module.", "No module.", FAILED, FAILED, None, "No module."]
    lab.now = 0.0
    watch = LocationWatch("http://127.0.0.1:9")
    for second in range(6 * 600):
        lab.now = float(second)
        if second == 100:
            watch.look_now()
        watch.look()
    assert lab.tries == [60.0, 100.0, 700.0, 1_300.0, 1_900.0, 2_500.0, 3_100.0]
    assert capsys.readouterr().err == "No module.\nThe disk is full.\nNo module.\n"
