"""What `tt up` says about the next daily run when it starts."""

from pathlib import Path

import pytest

from tt_pipeline.cli.tonight import obstacles
from tt_pipeline.settings import Settings
from tt_pipeline_tests.studies.writing import HEAD, SEARCHES

SIMULATOR = "http://127.0.0.1:8641"
CREDENTIALS = {"client_key": "sim-key", "client_secret": "sim-secret"}
RESTART = "then stop this command and start it again, because it reads the settings only when it starts."


def said(study: str = "", **settings: str) -> list[str]:
    """The sentences about a study on a day of October 2026."""
    Path("study.yaml").write_text(study or f"{HEAD}{SEARCHES}")
    given = {"clock": "2026-10-20T12:00:00@1", "study": "study.yaml", "api_base_url": SIMULATOR, **settings}
    return list(obstacles(Settings.model_validate(given)))


def test_a_study_that_is_ready_has_no_obstacle() -> None:
    """The simulator needs no confirmation, TikTok does."""
    assert said(**CREDENTIALS) == []
    confirmed = f"{HEAD}{SEARCHES}quota: {{confirmed: true}}\n"
    assert said(confirmed, **CREDENTIALS, api_base_url="https://open.tiktokapis.com") == []


@pytest.mark.parametrize("missing", ["client_key", "client_secret"])
def test_missing_credentials(missing: str) -> None:
    """The message has the variable, and that the settings are read once."""
    (sentence,) = said(**(CREDENTIALS | {missing: ""}))

    assert sentence.startswith(f"Tonight's run collects nothing: TT_{missing.upper()} is not set. Write it into ")
    assert sentence.endswith(f"use sim-key and sim-secret. Correct it, {RESTART}")


def test_a_study_that_is_not_confirmed() -> None:
    """The message says how to confirm, and that nobody has to start the command again."""
    (sentence,) = said(**CREDENTIALS, api_base_url="https://open.tiktokapis.com")

    assert sentence.startswith("Tonight's run collects nothing: study.yaml does not confirm the quota")
    assert sentence.endswith("An edit of the study takes effect while this command runs.")


def test_a_data_dir_of_another_server() -> None:
    """After trials with the simulator its data dir is not TikTok's."""
    Path("data/internal").mkdir(parents=True)
    Path("data/internal/source.json").write_text('{"api_base_url": "http://127.0.0.1:1"}')

    (sentence,) = said(**CREDENTIALS)
    assert sentence.startswith("Tonight's run collects nothing: data contains data from http://127.0.0.1:1")


def test_a_study_that_has_not_begun() -> None:
    """It is no fault, but nothing will be collected for a while."""
    assert said(f"study: Test\nstart: 2027-10-01\n{SEARCHES}", **CREDENTIALS) == [
        (
            "Notice: start: 2027-10-01 is in the future (today is 2026-10-20 UTC); its first videos are collected on "
            "2027-10-04."
        )
    ]


def test_a_study_with_mistakes_has_its_own_message() -> None:
    """It is not shown twice."""
    assert said("study: Test\n", **CREDENTIALS) == []
