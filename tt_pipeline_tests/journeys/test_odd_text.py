"""A complete collection with an odd folder name and an odd title of the study."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tt_pipeline_tests.journeys.conftest import Place

pytestmark = pytest.mark.journey

ODD_FOLDER = "h#1 100% %s 'q\" ;,{x}[et]* ü $HOME ~ &|<>() \\ !^"
TITLE = "Klima [/talk] :x: [bold] %s {x} $HOME ; '' -- \U0001f30d"


def tt(place: Place, data_dir: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command on an ASCII terminal, in Python's development mode, which shows all warnings."""
    environment = place.environment(TT_DATA_DIR=str(data_dir), PYTHONIOENCODING="ascii", COLUMNS="20")
    return subprocess.run(
        [sys.executable, "-X", "dev", "-m", "tt_pipeline.cli", *command],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_odd_names_and_titles_are_collected(place: Place, tmp_path: Path) -> None:
    """Every command works in a folder with odd characters; no file stays open and no function is deprecated."""
    data_dir = tmp_path / ODD_FOLDER
    data_dir.mkdir()
    study = place.settings.study_file.read_text().replace("study: A journey", f"study: '{TITLE}'")
    (data_dir / "study.yaml").write_text(study, encoding="utf-8")

    collected = tt(place, data_dir, "collect", "--from", "2026-11-03", "--to", "2026-11-04", "--only", "videos")
    assert collected.returncode == 0, collected.stderr
    assert "Warning" not in collected.stderr

    counted = tt(place, data_dir, "sql", "select count(*) > 0 as found from core.videos")
    assert ("true" in counted.stdout.lower(), counted.stderr) == (True, "")
    for command in (["status"], ["plan"], ["doctor"], ["rebuild"], ["export", "marts.videos"]):
        ended = tt(place, data_dir, *command)
        warnings = [line for line in ended.stderr.splitlines() if not line.startswith("A check failed: Days of ")]
        assert (command, ended.returncode, warnings) == (command, 0, [])
