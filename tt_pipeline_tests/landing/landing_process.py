"""A process that lands 15 pages in one load of a shared landing zone, and prints the number of each that has landed."""

import sys
from datetime import date
from pathlib import Path

from tt_pipeline.errors import ContinuedElsewhere
from tt_pipeline.landing import LandingZone, shared_landing, window_load_id
from tt_pipeline.settings import read_settings
from tt_pipeline_tests.builders import FINGERPRINT
from tt_pipeline_tests.landing.lives import FOLDER, page_of

LOAD = window_load_id("climate", FINGERPRINT, (date(2026, 10, 1), date(2026, 10, 3)), 1)


def main(folder: Path, first: int) -> None:
    """Land pages until they are all there; after another machine has gone on, begin again with what it has."""
    number = first
    with LandingZone(folder, shared=shared_landing(read_settings())) as zone:
        while number < first + 15:
            try:
                with zone.lease(*FOLDER), zone.writing(LOAD) as writer:
                    while number < first + 15:
                        number += 1
                        writer.append(page_of(number))
                        print(number, flush=True)  # noqa: T201
            except ContinuedElsewhere:
                continue


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
