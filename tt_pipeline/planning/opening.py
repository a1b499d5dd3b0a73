"""The landing zone as planning opens it: without a key, without a ledger, and perhaps without a data dir."""

from collections.abc import Iterator
from contextlib import contextmanager

from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.landing import LandingZone
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study


@contextmanager
def open_holdings(settings: Settings, study: Study) -> Iterator[StudyCoverage | None]:
    """What has landed in the data dir, seen with the eyes of a study; None while there is no data dir."""
    if not settings.files.landing.exists():
        yield None
        return
    with LandingZone(settings.files.landing) as zone:
        yield StudyCoverage(study, zone.index, settings.open_clock().now())
