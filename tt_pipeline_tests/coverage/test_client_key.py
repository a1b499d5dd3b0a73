"""A data dir is collected with one client key, unless somebody says otherwise."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tt_pipeline.coverage import accept_key, check_key, known_key
from tt_pipeline.coverage.workspace import open_workspace
from tt_pipeline.errors import KeyChanged
from tt_pipeline.ingestion import open_session
from tt_pipeline.quota import Ledger, Purpose, key_fingerprint, key_of
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.frozen_clock import FrozenClock

STUDY = "study: Two projects\nstart: 2026-10-01\nsearches: {climate: {hashtags: [climate]}}\nquota: {confirmed: true}\n"
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def settings_of(folder: Path, key: str, *, url: str = "https://open.tiktokapis.com") -> Settings:
    """Settings with a client key."""
    (folder / "study.yaml").write_text(STUDY)
    given = {"data_dir": folder, "client_key": key, "client_secret": "secret", "api_base_url": url}
    return Settings.model_validate({**given, "clock": "2026-10-05T12:00:00+00:00@1"})


def test_another_key_is_refused_until_it_is_accepted(tmp_path: Path) -> None:
    """The message has both fingerprints, no key, and the option; then only the accepted key may be used."""
    first, second = settings_of(tmp_path, "key-of-project-1"), settings_of(tmp_path, "key-of-project-2")
    check_key(second)
    accept_key(first)
    check_key(first)

    with pytest.raises(KeyChanged) as caught:
        check_key(second)
    assert (caught.value.earlier, caught.value.present) == (key_of(first), key_of(second))
    assert "tt collect --accept-key" in str(caught.value)
    assert "key-of-project" not in f"{caught.value}{first.files.client_key.read_text()}"

    accept_key(second)
    check_key(second)
    with pytest.raises(KeyChanged):
        check_key(first)


def test_simulator_and_missing_keys_are_no_other_project(tmp_path: Path) -> None:
    """Whoever only reads has no key, and on a simulator every key is as good."""
    accept_key(settings_of(tmp_path, "key-1"))

    check_key(settings_of(tmp_path, ""))
    check_key(settings_of(tmp_path, "key-2", url="http://127.0.0.1:8641"))


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"client_key": 7}', "[" * 100_000])
def test_a_damaged_file_is_no_file(tmp_path: Path, damage: str) -> None:
    """The ledger knows the key too."""
    settings = settings_of(tmp_path, "key-1")
    accept_key(settings)
    settings.files.client_key.write_text(damage)

    assert known_key(settings.files) is None


def test_the_ledger_knows_the_key_of_an_older_data_dir(tmp_path: Path) -> None:
    """Its latest request decides; requests for other folders and for none do not. Nothing is sent with another key."""
    with open_workspace(settings_of(tmp_path, "new")) as workspace:
        zone = workspace.zone.identity
    for key, folder in [("older", zone), ("old", zone), ("new", "another"), ("new", ""), ("new", None)]:
        place = tmp_path / "internal" / "ledger.sqlite"
        with Ledger(place, client_key=key_fingerprint(key), clock=FrozenClock(NOON)) as ledger:
            ledger.reserve(Purpose(study="s", dataset="videos", zone=folder), Bucket.MAIN, "video_query")

    with pytest.raises(KeyChanged), open_session(settings_of(tmp_path, "new"), run_id="r"):
        pass
    assert known_key(settings_of(tmp_path, "new").files) == key_fingerprint("old")
    with open_session(settings_of(tmp_path, "old"), run_id="r") as session:
        assert session.ledger.key_of_zone("nobody's") is None
