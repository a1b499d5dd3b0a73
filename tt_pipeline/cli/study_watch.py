"""While `tt up` runs: load the definitions again after each edit of the study, unless the study has mistakes."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import httpx

from tt_pipeline.cli.console import problem, say
from tt_pipeline.cli.tonight import edits_that_wait
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.orchestration import (
    LOCATION,
    cancel_runs_without_assets,
    close_valve,
    look_for_troubles,
    open_instance,
    version_of,
)
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study, read_study

_READ_EVERY_S: Final = 60.0
"""Also without a change of the study file, because lists of values are in files of their own."""
_RELOAD: Final = f"""
mutation {{
  reloadRepositoryLocation(repositoryLocationName: "{LOCATION}") {{
    __typename
    ... on WorkspaceLocationEntry {{ locationOrLoadError {{ __typename }} }}
  }}
}}
"""


@dataclass
class StudyWatch:
    """Compares the study file with the definitions that Dagster has loaded.

    Attributes:
        base_url: The Dagster UI of this `tt up`.
        loaded: The version of the study in the definitions; None if they have none.
    """

    settings: Settings
    base_url: str
    loaded: str | None = None
    _shown: str = ""
    _file_was: tuple[int, ...] = ()
    _read_at: float = field(default=float("-inf"))

    def begin(self) -> None:
        """Read the study before Dagster does."""
        study = self._study()
        self.loaded = version_of(study) if study else None

    def look(self) -> None:
        """Reload the definitions if the study was edited; call it every few seconds."""
        if self._is_unchanged():
            return
        study = self._study()
        version = version_of(study) if study else None
        if study and version != self.loaded and self._is_in_force(study):
            self.loaded = version
            say(f"{self.settings.study_file} was edited: its definitions are loaded.")
            for sentence in edits_that_wait(self.settings, study):
                problem(sentence)
        if version != self.loaded:
            self._file_was = ()  # try again at the next look

    def _is_unchanged(self) -> bool:
        file_is: tuple[int, ...] = ()
        with suppress(OSError):
            status = self.settings.study_file.stat()
            file_is = (status.st_mtime_ns, status.st_size, status.st_ino)
        if file_is and file_is == self._file_was and time.monotonic() - self._read_at < _READ_EVERY_S:
            return True
        self._file_was, self._read_at = file_is, time.monotonic()
        return False

    def _study(self) -> Study | None:
        """The study; None if it cannot be read, and then no run starts and the reason is shown once."""
        try:
            study = read_study(self.settings.study_file)
        except (TtPipelineError, OSError) as error:
            self.loaded = None
            if f"{error}" != self._shown:
                self._shown = f"{error}"
                problem(f"{error}\nUntil the study is corrected, Dagster starts no run; what runs goes on.")
                look_for_troubles(self.settings)
                with open_instance(self.settings.files, dagster_home=self.settings.dagster_home) as instance:
                    close_valve(instance)
            return None
        self._shown = ""
        return study

    def _is_in_force(self, study: Study) -> bool:
        """Whether Dagster has loaded the edited definitions, and no queued run needs an asset that they lack.

        Queued runs are cancelled before, because they read the study when they start, and afterwards, because Dagster
        may have started one again meanwhile.
        """
        self._cancel_runs(study)
        is_loaded = self._reload()
        self._cancel_runs(study)
        return is_loaded

    def _cancel_runs(self, study: Study) -> None:
        with open_instance(self.settings.files, dagster_home=self.settings.dagster_home) as instance:
            cancel_runs_without_assets(instance, study)

    def _reload(self) -> bool:
        """Whether Dagster has loaded the definitions again; not while its UI is still starting."""
        try:
            with httpx.Client(trust_env=False, timeout=120) as client:
                answer = client.post(f"{self.base_url}/graphql", json={"query": _RELOAD}).json()
        except (httpx.HTTPError, ValueError):
            return False
        entry = answer.get("data", {}).get("reloadRepositoryLocation", {})
        return bool(entry.get("locationOrLoadError", {}).get("__typename") == "RepositoryLocation")
