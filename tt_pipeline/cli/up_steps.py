"""What `tt up` does with Dagster and the collected data, each step in a process that ends.

The modules that a step needs would otherwise stay in memory for as long as `tt up` runs: 100 MB. A step returns what
JSON can hold, and its caller says it.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from tt_pipeline.cli.console import problem, write_for_programs
from tt_pipeline.cli.exits import Exit, exit_code
from tt_pipeline.clock import real_sleep
from tt_pipeline.dagster_folder import home_of
from tt_pipeline.errors import StudyError, TtPipelineError
from tt_pipeline.settings import Settings, read_settings
from tt_pipeline.vocabulary import LOCATION, AlertKind

if TYPE_CHECKING:  # a step imports what it needs
    from tt_pipeline.studies import Study

_MOST_LETTERS: Final = 1_000
_NOT_INSTALLED: Final = (ImportError, SyntaxError)
"""Raised by an import after an update that was interrupted."""
_SETTLES_S: Final = 10
"""When the code server has died, Dagster answers a request to load with an error, and has loaded two seconds later."""
_BROKEN: Final = "Dagster cannot load the definitions, so no run starts"
_ERROR: Final = "PythonError"
_RELOAD: Final = f"""
mutation {{
  reloadRepositoryLocation(repositoryLocationName: "{LOCATION}") {{
    __typename
    ... on WorkspaceLocationEntry {{ locationOrLoadError {{ __typename ... on PythonError {{ message }} }} }}
  }}
}}
"""
_LOCATION_STATE: Final = f"""
{{
  workspaceLocationEntryOrError(name: "{LOCATION}") {{
    ... on WorkspaceLocationEntry {{ locationOrLoadError {{ __typename ... on PythonError {{ message }} }} }}
  }}
}}
"""


class StepFailed(Exception):
    """A step could not do its work; the text is what it said."""

    def __init__(self, code: int, says: str) -> None:
        self.code, self.says = code, says
        super().__init__(says)


def run_step(step: Callable[..., Any], *arguments: str) -> Any:
    """Run a step of this module on the settings in the environment, and say what it says; returns what it returned.

    Ctrl-C in a terminal does not reach it; it ends when this process is ended, except by SIGKILL.

    Raises:
        StepFailed: It has failed. What it says is in the exception, and nobody has said it.
    """
    command = [sys.executable, "-W", "ignore", "-m", __name__, step.__name__, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, start_new_session=True, check=False)  # noqa: S603 — our own module
    says = done.stderr.strip()
    if done.returncode:
        raise StepFailed(done.returncode, says)
    if says:
        problem(says)
    return json.loads(done.stdout)


def prepare(settings: Settings) -> Sequence[str]:
    """Create the Dagster instance and end dead runs; returns its folder and what keeps the daily run from working.

    Raises:
        NewerFile: A later tt_pipeline has used the data dir.
        ForeignInstance: DAGSTER_HOME is not the instance of this data dir.
    """
    try:
        from tt_pipeline.cli.tonight import obstacles
        from tt_pipeline.ingestion import check_versions
        from tt_pipeline.leases import leases_of_process
        from tt_pipeline.orchestration import end_dead_runs, open_instance
    except _NOT_INSTALLED:
        _tell_of_installation(settings)
        raise
    check_versions(settings)
    with open_instance(settings.files, dagster_home=settings.dagster_home) as instance:
        end_dead_runs(instance, settings.files, leases_of_process(settings.ledger_place))
    return [f"{home_of(settings.files, settings.dagster_home)}", *obstacles(settings)]


def hold_runs(settings: Settings) -> None:
    """Start no run while the study cannot be read, and tell whom the settings name."""
    from tt_pipeline.orchestration import close_valve, look_for_troubles, open_instance, pools_of

    look_for_troubles(settings)
    with open_instance(settings.files, dagster_home=settings.dagster_home) as instance:
        close_valve(instance, pools_of(settings))


def load_edited_study(settings: Settings, base_url: str) -> Sequence[str] | None:
    """Let Dagster load the definitions again, and cancel queued runs of what they no longer have.

    The runs are cancelled before, because they read the study when they start, and afterwards, because Dagster may have
    started one again meanwhile.

    Returns:
        Which days wait for somebody to agree to their price; None if the definitions could not be loaded.
    """
    try:
        from tt_pipeline.cli.tonight import edits_that_wait
        from tt_pipeline.orchestration import cancel_runs_without_assets, open_instance
        from tt_pipeline.studies import read_study
    except _NOT_INSTALLED:
        _reload(base_url)  # so that the UI shows it, and runs wait in the queue instead of failing
        raise
    with suppress(StudyError, OSError), open_instance(settings.files, dagster_home=settings.dagster_home) as instance:
        study = read_study(settings.study_file)
        cancel_runs_without_assets(instance, study)
        is_loaded = _reload(base_url)
        cancel_runs_without_assets(instance, study)
        return [*edits_that_wait(settings, study)] if is_loaded else None
    return None


def tell_of_location(settings: Settings, base_url: str) -> str | None:
    """Tell whom the settings name if Dagster cannot load the definitions, because then no sensor of them does.

    Dagster does not try again, also if its code server has died, so this tries to load them first.

    Returns:
        What is wrong; None if nothing is, if the study says it already, or if the UI does not answer.
    """
    from tt_pipeline.studies import read_study

    try:
        study = read_study(settings.study_file)
    except (TtPipelineError, OSError):
        return None
    loaded = _loaded(base_url, _LOCATION_STATE, "workspaceLocationEntryOrError")
    if loaded.get("__typename") == _ERROR:
        _reload(base_url)
        real_sleep(_SETTLES_S)
        loaded = _loaded(base_url, _LOCATION_STATE, "workspaceLocationEntryOrError") or loaded
    if not loaded:
        return None
    is_broken = loaded.get("__typename") == _ERROR
    # Only the terminal shows why: words of other programs can have personal data.
    _tell(settings, study, f"{_BROKEN}. `tt up` and its UI say why." if is_broken else "")
    return f"{_BROKEN}: {loaded.get('message', '').strip()[:_MOST_LETTERS]}" if is_broken else None


def count_queued(settings: Settings) -> int:
    """How many runs wait in the queue."""
    from tt_pipeline.orchestration import open_instance, waiting_runs

    with open_instance(settings.files, dagster_home=settings.dagster_home) as instance:
        return waiting_runs(instance)


def _tell_of_installation(settings: Settings) -> None:
    """Tell that modules of tt_pipeline cannot be imported, if those that tell can be."""
    with suppress(TtPipelineError, OSError, *_NOT_INSTALLED):
        from tt_pipeline.studies import read_study

        _tell(settings, read_study(settings.study_file), f"{_BROKEN}: tt_pipeline is not installed completely.")


def _tell(settings: Settings, study: "Study", says: str) -> None:
    """Tell that the definitions cannot be loaded, or, if there is nothing to say, that they are."""
    from tt_pipeline.alerts import Trouble, tell

    kind = AlertKind.CODE_LOCATION_BROKEN
    found = [Trouble(kind=kind, says=says)] if says and kind in study.alerts.on else []
    tell(settings, study.title, found, settings.open_clock().now(), judged={kind})


def _reload(base_url: str) -> bool:
    """Whether Dagster has loaded the definitions again; not while its UI is still starting."""
    return _loaded(base_url, _RELOAD, "reloadRepositoryLocation").get("__typename") == "RepositoryLocation"


def _loaded(base_url: str, query: str, field: str) -> dict[str, Any]:
    """The definitions, or the error that they have; empty while the UI is still starting."""
    return (_asked(base_url, query).get(field) or {}).get("locationOrLoadError") or {}


def _asked(base_url: str, query: str) -> dict[str, Any]:
    """What Dagster's UI answers; nothing while it is still starting."""
    import httpx

    try:
        with httpx.Client(trust_env=False, timeout=120) as client:
            answer = client.post(f"{base_url}/graphql", json={"query": query}).json()
    except (httpx.HTTPError, ValueError):
        return {}
    return answer.get("data") or {}


_STEPS: Final[Mapping[str, Callable[..., Any]]] = {
    step.__name__: step for step in (prepare, hold_runs, load_edited_study, tell_of_location, count_queued)
}


def main() -> None:
    """Run the step that the command line names."""
    try:
        write_for_programs(json.dumps(_STEPS[sys.argv[1]](read_settings(), *sys.argv[2:])))
    except TtPipelineError as error:
        problem(error)
        sys.exit(exit_code(error))
    except _NOT_INSTALLED as error:
        problem(f"tt_pipeline is not installed completely: {error}. Install it again, then start this command again.")
        sys.exit(Exit.FAILED)


if __name__ == "__main__":
    main()
