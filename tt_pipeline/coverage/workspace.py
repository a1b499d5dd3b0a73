"""An open data dir: its study, its landing zone and its ledger, opened together and without the means to send.

Here belongs what ties them to one data dir. What has landed of the study is `study_coverage.py`; the client that sends
is `ingestion/session.py`.
"""

import errno
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from tt_pipeline.clock import Clock
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.errors import SettingsError
from tt_pipeline.landing import LandingZone
from tt_pipeline.quota import BucketUse, Ledger, key_fingerprint
from tt_pipeline.safe_files import storing
from tt_pipeline.settings import DataDir, Settings
from tt_pipeline.studies import Study, read_study
from tt_pipeline.vocabulary import Bucket

_NO_PLACE: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST})


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """An open data dir: the study, the landed answers, the requests spent."""

    study: Study
    files: DataDir
    zone: LandingZone
    ledger: Ledger
    clock: Clock

    def coverage(self, first_day: date = date.min, last_day: date = date.max) -> StudyCoverage:
        """What has landed as of now, of all days or of some."""
        return StudyCoverage(self.study, self.zone.index, self.clock.now(), first_day, last_day)

    def use(self, bucket: Bucket = Bucket.MAIN) -> BucketUse:
        """Today's quota."""
        return self.ledger.use(bucket)


def check_places(settings: Settings) -> None:
    """Create the folder of the pipeline's files and the lock of the ledger, which every collection needs.

    Raises:
        SettingsError: A setting names a place where this user cannot create files.
    """
    ledger = settings.ledger_file
    _check_place("TT_DATA_DIR", settings.data_dir, lambda: settings.files.internal.mkdir(parents=True, exist_ok=True))
    _check_place("TT_LEDGER" if settings.ledger else "TT_DATA_DIR", ledger, lambda: _touch_lock(ledger))


def _touch_lock(ledger: Path) -> None:
    ledger.parent.mkdir(parents=True, exist_ok=True)
    ledger.with_name(f"{ledger.name}.lock").open("a").close()


def _check_place(variable: str, place: Path, create: Callable[[], None]) -> None:
    with storing("Opening", place):  # a full disk is no mistake in a setting
        try:
            create()
        except OSError as error:
            if place.exists() or error.errno not in _NO_PLACE:
                raise
            problem = f"is {str(place)!r}, where no file can be created ({error.strerror})"
            raise SettingsError(variable, problem, remedy="Name a folder of yours.") from error


@contextmanager
def open_workspace(settings: Settings) -> Iterator[Workspace]:
    """Open a data dir without a client: nothing can be sent.

    Raises:
        ConfigurationError: The study or a setting is invalid; the message says what to do.
    """
    study = read_study(settings.study_file)
    check_places(settings)
    clock = settings.open_clock()
    limits = {**DAILY_REQUESTS, Bucket.MAIN: study.quota.requests_per_day}
    client_key = key_fingerprint(settings.client_key.get_secret_value().strip())
    with ExitStack() as opened:
        ledger = Ledger(settings.ledger_file, client_key=client_key, clock=clock, limits=limits)
        yield Workspace(
            study=study,
            files=settings.files,
            zone=opened.enter_context(LandingZone(settings.files.landing)),
            ledger=opened.enter_context(ledger),
            clock=clock,
        )
