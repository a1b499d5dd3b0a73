"""`tt env` gives a shell what Dagster's own commands need, and no secret."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tt_pipeline.cli import main

ROOT = Path(__file__).parents[2]
STUDY = "study: Variables\nstart: 2026-10-01\nsearches: {climate: {hashtags: [climate]}}\n"
SECRETS = {
    "TT_CLIENT_KEY": "key-of-mine",
    "TT_CLIENT_SECRET": "secret-of-mine",
    "TT_ALERT_WEBHOOK": "https://chat.example/secret-of-mine",
    "TT_ALERT_COMMAND": "tell secret-of-mine",
}


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """The output for a data dir whose name needs quotes."""
    folder = tmp_path / "of mine"
    folder.mkdir()
    (folder / "study.yaml").write_text(STUDY)
    for name, value in {**SECRETS, "TT_DATA_DIR": f"{folder}"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        main(["env"])
    return capsys.readouterr().out


def variables(printed: str) -> dict[str, str]:
    """What a shell understands."""
    words = [word for line in printed.splitlines() for word in shlex.split(line.removeprefix("export "))]
    return dict(word.split("=", 1) for word in words)


def test_a_shell_gets_the_variables_without_secrets(printed: str, tmp_path: Path) -> None:
    """The folders are absolute, and no secret is in the output."""
    found = variables(printed)

    assert found["TT_DATA_DIR"] == f"{tmp_path / 'of mine'}"
    assert found["DAGSTER_HOME"] == f"{tmp_path / 'of mine' / 'internal' / 'dagster'}"
    assert not found.keys() & SECRETS.keys()
    assert "of-mine" not in printed


@pytest.mark.journey
def test_dagsters_own_commands_find_the_assets(printed: str) -> None:
    """After `eval "$(tt env)"` bare `dagster` commands need no option; in the project they need no variable."""
    dagster = Path(sys.executable).with_name("dagster")
    listed = subprocess.run(
        [dagster, "asset", "list"], env=variables(printed), capture_output=True, text=True, check=False, timeout=120
    )
    validated = subprocess.run(
        [dagster, "definitions", "validate"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )

    assert "videos/climate" in listed.stdout, listed.stderr
    assert validated.returncode == 0, validated.stderr
