"""`tt up` starts the processes of `dagster dev`, with the guarded webserver."""

import pytest

from tt_pipeline.cli.dagster_dev import guarded


def test_the_guarded_webserver_replaces_that_of_dagster() -> None:
    """It has the same options; the daemon is started unchanged."""
    assert guarded(["python", "-m", "dagster_webserver", "--port", "1"]) == [
        *("python", "-m", "tt_pipeline.cli.guarded_webserver", "--port", "1")
    ]
    daemon = ["python", "-m", "dagster._daemon", "run"]
    assert guarded(daemon) == daemon


def test_an_unknown_process_is_not_started() -> None:
    """A later version of Dagster could start its webserver under another name, without the guard."""
    with pytest.raises(RuntimeError, match="starts dagster_ui, which tt_pipeline does not know"):
        guarded(["python", "-m", "dagster_ui"])
