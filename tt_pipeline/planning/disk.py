"""How much disk space a study will need, from the size of what has landed, and how much is free."""

import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tt_pipeline.coverage import StudyCoverage
from tt_pipeline.data_dir import DataDir
from tt_pipeline.planning.estimate import CostLine, Estimate, total
from tt_pipeline.vocabulary import Dataset

_FEWEST_LANDED: Final = 200
_FEWEST_LOADED: Final = 20_000
"""With fewer records the blocks of small tables would decide the size of a record in the warehouse."""
_ASSUMED_LANDED: Final = Estimate(200, 400, 900)
"""Bytes of a record in the landing folder."""
_ASSUMED_LOADED: Final = Estimate(300, 800, 2_000)
"""Bytes of a record in the writer's and in the published file together."""
_SMALL_WAREHOUSE_BYTES: Final = 15_000_000
"""Both files with few rows (measured: 6.6 and 7.9 million bytes with 840 records)."""
_MEASURED_WITHIN: Final = 0.3
_ASSUMED_RECORDS: Final = {Dataset.VIDEOS: 80.0, Dataset.COMMENTS: 40.0, Dataset.REPLIES: 10.0, Dataset.USERS: 1.0}
"""Records of a request, while none has landed."""
_LIST_RECORDS: Final = 80.0
_COUNTED: Final = (Dataset.VIDEOS, Dataset.COMMENTS, Dataset.REPLIES, Dataset.USERS)
"""Datasets whose landed records are counted; lists of accounts have much smaller records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSpace:
    """The disk space of a study from now on.

    Attributes:
        records: Records that will still land.
        bytes_a_record: In the landing folder and both files of the warehouse together.
        records_measured: Landed records from which their size in the landing folder is measured; 0 for an assumption.
        is_warehouse_measured: Whether their size in the warehouse is measured too.
        needed_bytes: Bytes that the records will need.
        published_bytes: Bytes of the published warehouse, which each publication writes anew beside the present one.
        free_bytes: Bytes that are free on the disk of the data dir.
    """

    records: Estimate
    bytes_a_record: Estimate
    records_measured: int
    is_warehouse_measured: bool
    needed_bytes: Estimate
    published_bytes: int
    free_bytes: int

    @property
    def fits(self) -> bool:
        """Whether the likely number of bytes is free, and also those of another copy while publishing."""
        return self.needed_bytes.likely + self.published_bytes < self.free_bytes


def disk_space(files: DataDir, lines: Iterable[CostLine], coverage: StudyCoverage | None) -> DiskSpace:
    """The disk space that the requests of a plan will need.

    Args:
        files: The data dir, which need not exist.
        lines: The requests of the plan.
        coverage: What has landed; None without a data dir.
    """
    records, pages = _landed(coverage) if coverage else (Counter[Dataset](), Counter[Dataset]())
    landed = records.total()
    size = _landed_bytes(files, landed) + _loaded_bytes(files, landed)
    to_come = total(line.total.times(_records_a_request(line.dataset, records, pages)) for line in lines).rounded()
    return DiskSpace(
        records=to_come,
        bytes_a_record=size,
        records_measured=landed if landed >= _FEWEST_LANDED else 0,
        is_warehouse_measured=landed >= _FEWEST_LOADED,
        needed_bytes=(to_come * size).rounded(),
        published_bytes=_bytes(files.published),
        free_bytes=shutil.disk_usage(_existing(files.root)).free,
    )


def _landed(coverage: StudyCoverage) -> tuple[Counter[Dataset], Counter[Dataset]]:
    """Landed records and pages by dataset, as far as they tell the size of a page."""
    landed, records, pages = coverage.landed, Counter[Dataset](), Counter[Dataset]()
    for window in landed.windows:
        records[Dataset.VIDEOS] += window.records
        pages[Dataset.VIDEOS] += window.pages
    of_subjects = (
        (Dataset.COMMENTS, landed.listings),
        (Dataset.REPLIES, landed.replies),
        (Dataset.USERS, landed.profiles),
    )
    for dataset, looks in of_subjects:
        for look in looks.values():
            records[dataset] += look.records
            pages[dataset] += look.pages
    return records, pages


def _records_a_request(dataset: Dataset, records: Counter[Dataset], pages: Counter[Dataset]) -> float:
    if pages[dataset]:
        return records[dataset] / pages[dataset]
    return _ASSUMED_RECORDS.get(dataset, _LIST_RECORDS)


def _landed_bytes(files: DataDir, records: int) -> Estimate:
    """Bytes of a record in the landing folder, of the datasets that are counted."""
    if records < _FEWEST_LANDED:
        return _ASSUMED_LANDED
    landed = sum(_bytes(file) for dataset in _COUNTED for file in (files.landing / dataset).rglob("*.ndjson*"))
    return Estimate.within(landed / records, _MEASURED_WITHIN)


def _loaded_bytes(files: DataDir, records: int) -> Estimate:
    """Bytes of a record in both files of the warehouse."""
    if records < _FEWEST_LOADED:
        return _ASSUMED_LOADED
    loaded = _bytes(files.writer) + _bytes(files.published) - _SMALL_WAREHOUSE_BYTES
    return Estimate.within(max(loaded / records, _ASSUMED_LOADED.low), _MEASURED_WITHIN)


def _bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # gone since, or not published yet
        return 0


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())
