"""What `tt check` says of a study whose title was changed after something was collected."""

import sqlite3
from contextlib import suppress

from tt_pipeline.errors import ClockWrong, PostgresUnusable
from tt_pipeline.landing import Inventory
from tt_pipeline.quota import Ledger, key_of
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study


def title_sentences(settings: Settings, study: Study) -> list[str]:
    """One sentence if the data dir was collected under another title only; reads the ledger and changes nothing."""
    known = _earlier_titles(settings)
    if not known or study.title in known:
        return []
    sentence = (
        f"The title was {known[-1]!r} when this data dir was collected. Nothing is requested again, but the title "
        "names the study in the ledger: `requests` of ops.search_coverage no longer counts what was sent under the "
        "earlier title, and missing landed files are no longer noticed by it. Write the earlier title again unless you "
        "want this."
    )
    return [sentence]


def _earlier_titles(settings: Settings) -> list[str]:
    zone, file = Inventory(settings.files.landing).identity(), settings.ledger_file
    if not zone or (file and not file.is_file()):
        return []
    with suppress(sqlite3.Error, PostgresUnusable, ClockWrong):  # `tt doctor` reports a ledger that cannot be read
        key = key_of(settings)
        with Ledger(settings.ledger_place, client_key=key, clock=settings.open_clock(), is_read_only=True) as ledger:
            return ledger.titles(zone)
    return []
