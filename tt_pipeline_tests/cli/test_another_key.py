"""`tt check` and `tt collect` say that the client key is another one than before."""

import pytest

from tt_pipeline.coverage import accept_key, known_key
from tt_pipeline.quota import key_fingerprint
from tt_pipeline.settings import read_settings
from tt_pipeline_tests.cli.builders import run

STUDY = "study: Two projects\nstart: 2026-10-01\nsearches: {climate: {hashtags: [climate]}}\n"


def test_another_key_is_a_notice_and_a_refusal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --accept-key the collection goes on to its next condition, and the key stays accepted."""
    for name, value in {"KEY": "first", "SECRET": "secret"}.items():
        monkeypatch.setenv(f"TT_CLIENT_{name}", value)
    monkeypatch.setenv("TT_API_BASE_URL", "https://open.tiktokapis.com")
    settings = read_settings()
    settings.files.internal.mkdir(parents=True)
    settings.study_file.write_text(STUDY)
    accept_key(settings)
    assert run("check") == 0
    assert "another client key" not in capsys.readouterr().out

    monkeypatch.setenv("TT_CLIENT_KEY", "second")
    assert run("check") == 0
    assert "was collected with another client key" in " ".join(capsys.readouterr().out.split())
    assert run("collect") == 2
    assert "tt collect --accept-key" in " ".join(capsys.readouterr().err.split())
    assert known_key(settings.files) == key_fingerprint("first")

    assert run("collect", "--accept-key") == 2
    assert "does not confirm the quota" in " ".join(capsys.readouterr().err.split())
    assert known_key(settings.files) == key_fingerprint("second")
    assert run("collect") == 2
    assert "does not confirm the quota" in " ".join(capsys.readouterr().err.split())
