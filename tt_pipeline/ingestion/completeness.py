"""Whether the landing folder has every file that it should have: what is missing would be missing in a publication.

The ledger, which several computers may share, and the published file remember the folder and its number of files. A
folder has less when a disk is not mounted, when files were deleted, or when another computer has collected the study.
"""

import duckdb

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import LandingGone, LandingIncomplete
from tt_pipeline.landing import Inventory
from tt_pipeline.quota import Ledger
from tt_pipeline.warehouse import published_landing


def check_landing_is_there(files: DataDir) -> None:
    """Check that not all landed files are gone, as when a disk is not mounted; it is cheap and comes before a request.

    Raises:
        LandingGone: The published file was made of landed files, and none is there.
    """
    try:
        published = published_landing(files.published)
    except duckdb.Error:  # there is none, or it is damaged and will be replaced
        return
    if published and published[1] and not Inventory(files.landing).locations():
        raise LandingGone(files.landing, files.published, published[1])


def check_complete(files: DataDir, ledger: Ledger, study: str, *, zone: str | None, loads: int) -> None:
    """Check that no publication and no other landing folder of this study knows of more landed files.

    Args:
        files: The data dir.
        ledger: The ledger of its requests.
        study: The title of the study.
        zone: The identity of the data dir's landing folder; None while it has none.
        loads: How many landed files it has.

    Raises:
        LandingIncomplete: Some are missing here.
    """
    known = {each.zone: each for each in ledger.zones(study)}
    own = known.pop(zone or "", None)
    if own and own.loads > loads:
        raise LandingIncomplete(files.landing, loads, known=own.loads, source="the ledger", is_same_folder=True)
    elsewhere = max((each.loads for each in known.values()), default=0)
    if elsewhere > loads and not (own and own.is_accepted):
        raise LandingIncomplete(files.landing, loads, known=elsewhere, source="the ledger", is_same_folder=False)
    try:
        published = published_landing(files.published)
    except duckdb.Error:  # there is none, or it is damaged and will be replaced
        return
    if published and published[1] > loads:
        is_same = published[0] == zone
        raise LandingIncomplete(
            files.landing, loads, known=published[1], source="the published file", is_same_folder=is_same
        )
