"""Opens the study, landing zone and ledger of a data dir together, without a client that could send requests.

`study_coverage.py` says what has landed of the study; `ingestion/session.py` adds the client.
"""

import errno
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from tt_pipeline.clock import Clock, today
from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.coverage.landed import index_of
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.data_dir import DataDir
from tt_pipeline.erased_subjects import ErasedSubjects
from tt_pipeline.errors import LedgerNotMoved, SettingsError
from tt_pipeline.file_modes import tighten
from tt_pipeline.landing import Index, LandingZone, shared_landing, shared_tombstones
from tt_pipeline.leases import ONE_MACHINE, Leases, leases_of
from tt_pipeline.publish_address import PublishAddress
from tt_pipeline.quota import BucketUse, Ledger, key_of
from tt_pipeline.safe_files import storing
from tt_pipeline.settings import Settings, check_folders
from tt_pipeline.studies import Study, read_study
from tt_pipeline.tombstones import Tombstones
from tt_pipeline.vocabulary import Bucket, Dataset

log = logging.getLogger(__name__)

_NO_PLACE: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST})


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """An open data dir: its study, landing zone, ledger and what was deleted from it."""

    study: Study
    files: DataDir
    zone: LandingZone
    ledger: Ledger
    clock: Clock
    tombstones: Tombstones
    leases: Leases = ONE_MACHINE
    publish_target: PublishAddress | None = None

    @property
    def index(self) -> Index:
        """What has landed of the study."""
        return index_of(self.study, self.zone.index)

    def coverage(self, first_day: date = date.min, last_day: date = date.max) -> StudyCoverage:
        """The coverage of the study at this instant; with days, only of videos of these days."""
        return StudyCoverage(self.study, self.index, self.clock.now(), first_day, last_day)

    def use(self, bucket: Bucket = Bucket.MAIN) -> BucketUse:
        """Today's use of a bucket's quota."""
        return self.ledger.use(bucket)


def make_places(settings: Settings) -> None:
    """Create the folder of the pipeline's files and the lock of the ledger, which every collection needs.

    Only the owner, and for some files a group, can read the data dir afterwards.

    Raises:
        SettingsError: A setting names a place where this user cannot create files.
    """
    ledger = settings.ledger_file
    _check_place("TT_DATA_DIR", settings.data_dir, lambda: settings.files.internal.mkdir(parents=True, exist_ok=True))
    if ledger:
        _check_place("TT_LEDGER" if settings.ledger else "TT_DATA_DIR", ledger, lambda: _touch_lock(ledger))
    tighten(settings.files)


def check_is_moved(settings: Settings) -> None:
    """Refuse a database as the ledger while the data dir has one of its own, which `tt migrate-storage` moves.

    Raises:
        LedgerNotMoved: It does.
    """
    own = settings.files.internal / "ledger.sqlite"
    if settings.ledger_url and own.exists():
        raise LedgerNotMoved(own, f"{settings.ledger_place}")


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
def open_workspace(settings: Settings, study: Study | None = None) -> Iterator[Workspace]:
    """Open the data dir of these settings; nothing can be sent.

    Args:
        settings: The data dir.
        study: The study; None reads the study file.

    Raises:
        ConfigurationError: The study or a setting is invalid; the message says what to do.
        TombstonesUnusable: Nobody knows what was deleted from the data dir.
    """
    study = study or read_study(settings.study_file)
    check_folders(settings)
    check_is_moved(settings)
    shared = shared_landing(settings)
    make_places(settings)
    clock = settings.open_clock()
    limits = {**DAILY_REQUESTS, Bucket.MAIN: study.quota.requests_per_day}
    client_key = key_of(settings)
    with ExitStack() as opened:
        leases = opened.enter_context(leases_of(settings.ledger_place))
        zone = opened.enter_context(LandingZone(settings.files.landing, leases=leases, shared=shared))
        tombstones = tombstones_of(settings)  # after the landing zone has proved to be the one of this data dir
        study = _without_taken_down(study, tombstones.taken_down)
        ledger = Ledger(settings.ledger_place, client_key=client_key, clock=clock, limits=limits)
        opened.enter_context(ledger)
        if settings.client_key.get_secret_value():
            _count_again(ledger, study, zone, f"{settings.ledger_place}", clock)
        yield Workspace(
            study=study,
            files=settings.files,
            zone=zone,
            ledger=ledger,
            clock=clock,
            tombstones=tombstones,
            leases=leases,
            publish_target=settings.publish_target,
        )


def tombstones_of(settings: Settings) -> Tombstones:
    """What was deleted from the data dir of these settings, and by other machines that share its landing zone.

    Raises:
        TombstonesUnusable: Nobody knows what was deleted.
        SharedLandingFailed: What is shared cannot be reached.
    """
    return Tombstones.of(settings.files.internal, settings.tombstones, shared_tombstones(settings))


def _without_taken_down(study: Study, taken_down: ErasedSubjects) -> Study:
    """The study without observed accounts that must never be stored again."""
    if study.accounts is None:
        return study
    usernames = tuple(name for name in study.accounts.usernames if not taken_down.user(name))
    return replace(study, accounts=replace(study.accounts, usernames=usernames))


def _count_again(ledger: Ledger, study: Study, zone: LandingZone, place: str, clock: Clock) -> None:
    """Count today's landed pages in a ledger that does not know them, so that no more than the quota is spent."""
    landed = requests_by_bucket(zone.index.requests_on(today(clock)))
    if counted := ledger.count_again(study.title, zone.identity, landed):
        log.error(
            "%s lacked %d of today's requests, whose pages have landed: they were counted again, so that the quota is"
            " not exceeded. Requests without a landed page are not known.",
            *(place, counted),
        )


def requests_by_bucket(requests: Mapping[Dataset, int]) -> dict[Bucket, dict[str, int]]:
    """Requests of each dataset, by the quota on which they are counted."""
    found: dict[Bucket, dict[str, int]] = {}
    for dataset, number in requests.items():
        bucket = DATASETS[dataset].bucket
        found.setdefault(bucket, {})[dataset.value] = number
    return found
