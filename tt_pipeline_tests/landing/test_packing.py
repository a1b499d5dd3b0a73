"""While one process packs a load, other processes that open the zone keep the load."""

import os
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.landing import LandingZone, window_load_id
from tt_pipeline.vocabulary import StopReason
from tt_pipeline_tests.builders import FINGERPRINT, cases, envelope, video

LOAD = window_load_id("climate", FINGERPRINT, (date(2026, 10, 1), date(2026, 10, 3)), 1)
PAGES = [envelope(video(1), has_more=True, ends=None), envelope(video(2), request={"cursor": 1})]


@dataclass
class BusyFolder:
    """A folder in which something happens after its n-th listing."""

    folder: Path
    happens: Callable[[], object]
    after: int
    scandir: Callable[[Path], Any] = os.scandir

    def listed(self, folder: Path) -> Any:
        """The present names; then the change happens."""
        found = self.scandir(folder)
        if folder != self.folder:
            return found
        with found:
            entries = list(found)
        self.after -= 1
        if not self.after:
            self.happens()
        return nullcontext(entries)


@pytest.mark.parametrize("after", [1, 2], ids=["between the listings", "after the listings"])
def test_a_load_packed_while_another_process_lists_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """For any order of listing and packing, both processes have the complete load."""
    with LandingZone(tmp_path) as packing, packing.writing(LOAD) as writer:
        for page in PAGES:
            writer.append(page)
        busy = BusyFolder((tmp_path / LOAD).parent, writer.pack, after)
        monkeypatch.setattr(os, "scandir", busy.listed)

        with LandingZone(tmp_path) as looking:
            assert busy.after <= 0
            for zone in (packing, looking):
                (window,) = zone.index.windows()
                assert (window.pages, window.ends) == (2, StopReason.COMPLETE)
                assert list(window.location.envelopes()) == PAGES


def test_a_load_forgotten_before_it_is_packed_is_read_again(tmp_path: Path) -> None:
    """Packing writes the index rows of all pages if they are missing."""
    with LandingZone(tmp_path) as zone, zone.writing(LOAD) as writer:
        for page in PAGES:
            writer.append(page)
        known = zone.index.windows()
        zone.index.forget(LOAD)

        writer.pack()

        (window,) = zone.index.windows()
        assert (window.by_day, window.ends, window.pages) == (known[0].by_day, StopReason.COMPLETE, 2)


@pytest.mark.parametrize("number", cases({"twenty": 20, "a hundred": 100}, "twenty"))
def test_opening_while_loads_are_packed_forgets_none(tmp_path: Path, number: int) -> None:
    """Loads land and are packed while the zone is opened again and again; in the end all are in the index."""
    days = (date(2026, 10, 1), date(2026, 10, 3))
    loads = [window_load_id("climate", FINGERPRINT, days, look) for look in range(1, number + 1)]

    def land_all() -> None:
        with LandingZone(tmp_path) as zone:
            for load_id in loads:
                with zone.writing(load_id, packs=True) as writer:
                    for page in PAGES:
                        writer.append(page)

    landing = threading.Thread(target=land_all)
    landing.start()
    known: list[set[str]] = [set()]
    while landing.is_alive():
        with LandingZone(tmp_path) as zone:
            known.append({window.load_id for window in zone.index.windows() if window.ends})
    landing.join()

    assert [before - after for before, after in pairwise(known) if before - after] == []
    with LandingZone(tmp_path) as zone:
        assert {window.load_id: window.pages for window in zone.index.windows()} == dict.fromkeys(loads, 2)
