"""`tt up` goes on when an edited study cannot be loaded, and tries again after some seconds."""

import time
from pathlib import Path
from typing import Any

import pytest
import typer

from tt_pipeline.cli import study_watch
from tt_pipeline.cli.study_watch import StudyWatch
from tt_pipeline.settings import Settings

STUDY = "study: Test\nstart: 2026-10-01\nsearches:\n  climate: {hashtags: [climate]}\n"


@pytest.fixture
def watch(tmp_path: Path) -> StudyWatch:
    """A watch that has loaded a study, which is then edited."""
    (tmp_path / "study.yaml").write_text(STUDY)
    watch = StudyWatch(Settings(data_dir=tmp_path), "http://127.0.0.1:9")
    watch.begin()
    (tmp_path / "study.yaml").write_text(STUDY.replace("[climate]", "[climate, klima]"))
    return watch


@pytest.mark.parametrize("failure", [None, typer.Exit(1)], ids=["the UI is starting", "the step fails"])
def test_an_edit_is_loaded_at_a_later_try(
    watch: StudyWatch, failure: Exception | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not at each look, because each try is a process."""
    now, answers, tries = 1_000.0, [failure, ["climate waits."]], 0

    def step(*_: Any) -> Any:
        nonlocal tries
        tries += 1
        if isinstance(answer := answers.pop(0), Exception):
            raise answer
        return answer

    monkeypatch.setattr(study_watch, "run_step", step)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for now in (1_000.0, 1_001.0, 1_004.0):  # noqa: B007 — the clock
        watch.look()
    assert (tries, capsys.readouterr().out) == (1, "")

    now = 1_006.0
    watch.look()
    watch.look()
    shown = capsys.readouterr()
    assert (tries, "its definitions are loaded" in shown.out, shown.err) == (2, True, "climate waits.\n")
