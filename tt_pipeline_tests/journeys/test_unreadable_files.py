"""Every command works while a landed file cannot be read, and requests nothing that may be in it."""

import pytest

from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place

pytestmark = pytest.mark.journey


def test_an_unreadable_landed_file_is_named_and_nothing_of_it_is_requested(
    collected: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`status` and `plan` go on, `collect` fails with a sentence, `rebuild` keeps the old file, `doctor` says why."""
    for name, value in collected.environment().items():
        monkeypatch.setenv(name, value)
    landing = collected.settings.files.landing
    broken = min((landing / "videos" / "climate").rglob("*.ndjson.zst"))
    broken.unlink()
    broken.symlink_to("/proc/self/mem")  # a regular file that nobody can read, also not root
    (landing / "index.sqlite").unlink()

    days = ("--from", f"{FIRST_DAY}", "--to", f"{LAST_DAY}")
    commands = (["status"], ["plan"], ["collect", *days], ["collect"], ["rebuild"], ["doctor"])
    codes, output = {}, {}
    for command in commands:
        codes[" ".join(command[:2])] = run(*command)
        output[" ".join(command[:2])] = " ".join("".join(capsys.readouterr()).split())

    assert codes == {"status": 0, "plan": 0, "collect --from": 1, "collect": 1, "rebuild": 1, "doctor": 1}, output
    unreadable = f"{broken} cannot be read (Input/output error)"
    assert f"Landed, but cannot be read; not requested again {unreadable}" in output["status"]
    assert f"partial ({unreadable})" in output["collect --from"]
    assert f"{unreadable}. What may be in it was not requested" in output["collect"]
    assert f"{unreadable}. Make it readable" in output["rebuild"]
    assert "1 file cannot be opened:" in output["doctor"]
    assert collected.new_requests() == []
