"""An open data dir: its study, its landing zone and its ledger, opened together and without the means to send.

Here belongs what ties them to one data dir. What has landed of the study is `study_coverage.py`; the client that sends
is `ingestion/session.py`.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

from tt_pipeline.clock import Clock
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.landing import LandingZone
from tt_pipeline.quota import BucketUse, Ledger, key_fingerprint
from tt_pipeline.settings import DataDir, Settings
from tt_pipeline.studies import Study, read_study
from tt_pipeline.vocabulary import Bucket


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


@contextmanager
def open_workspace(settings: Settings, study: Study | None = None) -> Iterator[Workspace]:
    """Open a data dir without a client: nothing can be sent.

    Args:
        settings: The data dir.
        study: The study; None reads the study file.

    Raises:
        ConfigurationError: The study or a setting is invalid; the message says what to do.
    """
    study = study or read_study(settings.study_file)
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
