"""The plan says how much disk space a study will need, and whether it is free."""

from dataclasses import replace
from pathlib import Path

import pytest

from tt_pipeline.coverage import StudyCoverage
from tt_pipeline.data_dir import DataDir
from tt_pipeline.landing import LandingZone, window_load_id
from tt_pipeline.planning import CostLine, CostPart, Estimate, disk_space
from tt_pipeline.vocabulary import Dataset
from tt_pipeline_tests.builders import envelope, video
from tt_pipeline_tests.planning.builders import FIRST, NOW, search, study


def line(dataset: Dataset, requests: float) -> CostLine:
    """A part of a plan."""
    every = Estimate.exactly(requests)
    return CostLine(part=CostPart.SEARCHES, dataset=dataset, per_day=every, total=every)


def test_without_data_the_size_is_assumed(tmp_path: Path) -> None:
    """80 videos of a request and one profile of a request; the folder need not exist."""
    found = disk_space(DataDir(tmp_path / "new"), [line(Dataset.VIDEOS, 10), line(Dataset.USERS, 200)], None)

    assert found.records.likely == 1_000
    assert (found.records_measured, found.is_warehouse_measured) == (0, False)
    assert found.needed_bytes.likely == 1_000 * found.bytes_a_record.likely
    assert found.free_bytes > 0
    assert found.fits


def test_what_has_landed_is_measured(tmp_path: Path) -> None:
    """A request for comments brings as many records as the landed ones; the size is that of the files."""
    files, climate = DataDir(tmp_path), search()
    with LandingZone(files.landing) as zone:
        with zone.writing(window_load_id("climate", climate.fingerprint, (FIRST, FIRST), 1)) as writer:
            videos = [video(number, day=FIRST) for number in range(1, 301)]
            of_search = {"search": "climate", "fingerprint": climate.fingerprint}
            writer.append(envelope(*videos, **of_search, window_from=FIRST, window_to=FIRST, slots=300))
        landed = sum(file.stat().st_size for file in files.landing.rglob("*.ndjson*"))
        followers = files.landing / Dataset.FOLLOWERS / "of" / "lena.ndjson"
        followers.parent.mkdir(parents=True)
        followers.write_bytes(b"x" * 100_000)  # its records are not among those counted
        found = disk_space(files, [line(Dataset.VIDEOS, 2)], StudyCoverage(study(climate), zone.index, NOW))

    assert (found.records.likely, found.records_measured, found.is_warehouse_measured) == (600, 300, False)
    assert found.bytes_a_record.likely == pytest.approx(landed / 300 + 800)


def test_a_full_disk_does_not_fit(tmp_path: Path) -> None:
    """If the likely number of bytes is not free, the plan warns."""
    found = disk_space(DataDir(tmp_path), [line(Dataset.VIDEOS, 10)], None)

    assert not replace(found, free_bytes=1_000).fits
    needed = found.needed_bytes.likely
    assert replace(found, free_bytes=int(needed) + 1_000).fits
    assert not replace(found, free_bytes=int(needed) + 1_000, published_bytes=2_000).fits
