"""While `tt up` runs: load the definitions again after each edit of the study, unless the study has mistakes.

And look every ten minutes whether Dagster could load them.
"""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from tt_pipeline.cli.console import problem, say
from tt_pipeline.cli.up_steps import StepFailed, hold_runs, load_edited_study, run_step, tell_of_location
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study, read_study

_READ_EVERY_S: Final = 60.0
"""Also without a change of the study file, because lists of values are in files of their own."""
_AGAIN_AFTER_S: Final = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Until an edit that could not be loaded is tried again, after each try; then every minute: each try is a process."""
_LOCATION_EVERY_S: Final = 600.0


@dataclass
class SaidOnce:
    """Shows what is wrong, and not again while it is the same."""

    _said: str | None = None

    def say(self, says: str | None) -> None:
        """Show it, unless it was shown last; None if nothing is wrong."""
        if says and says != self._said:
            problem(says)
        self._said = says


@dataclass
class LocationWatch:
    """Looks whether Dagster could load the definitions, a minute after the start and then every ten minutes."""

    base_url: str
    _next_at: float = field(default_factory=lambda: time.monotonic() + 60)
    _said_once: SaidOnce = field(default_factory=SaidOnce)

    def look(self) -> None:
        """Show once what is wrong, and tell whom the settings name; call it every few seconds."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + _LOCATION_EVERY_S
        try:
            self._said_once.say(run_step(tell_of_location, self.base_url))
        except StepFailed as failure:
            self._said_once.say(failure.says)

    def look_now(self) -> None:
        """Look at the next call: something has changed."""
        self._next_at = time.monotonic()


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
    _read_again_at: float = field(default=float("-inf"))
    _tries: int = 0
    _said_once: SaidOnce = field(default_factory=SaidOnce)

    def begin(self) -> None:
        """Read the study before Dagster does."""
        study = self._study()
        self.loaded = study.version if study else None

    def look(self) -> bool:
        """Reload the definitions if the study was edited; call it every few seconds.

        Returns:
            Whether Dagster was asked to load them.
        """
        if self._is_unchanged():
            return False
        study = self._study()
        if not study or study.version == self.loaded:
            return False
        if self._load(study):
            self._tries = 0
        else:
            wait_s = _AGAIN_AFTER_S[min(self._tries, len(_AGAIN_AFTER_S) - 1)]
            self._read_again_at, self._tries = time.monotonic() + wait_s, self._tries + 1
        return True

    def _load(self, study: Study) -> bool:
        try:
            waiting = run_step(load_edited_study, self.base_url)
        except StepFailed as failure:
            self._said_once.say(failure.says)
            return False
        if waiting is None:
            return False
        self._said_once.say(None)
        self.loaded = study.version
        say(f"{self.settings.study_file} was edited: its definitions are loaded.")
        for sentence in waiting:
            problem(sentence)
        return True

    def _is_unchanged(self) -> bool:
        file_is: tuple[int, ...] = ()
        with suppress(OSError):
            status = self.settings.study_file.stat()
            file_is = (status.st_mtime_ns, status.st_size, status.st_ino)
        if file_is and file_is == self._file_was and time.monotonic() < self._read_again_at:
            return True
        self._file_was, self._read_again_at = file_is, time.monotonic() + _READ_EVERY_S
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
                try:
                    run_step(hold_runs)
                except StepFailed as failure:
                    problem(failure.says)
            return None
        self._shown = ""
        return study
