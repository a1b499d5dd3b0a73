"""Data dirs of released versions, and the program that makes one of the present version.

Each archive has the folder `data`, as a `tt collect` of that version left it, and `backup`, as its `tt backup` left it.
`python -m tt_pipeline_tests.data_dirs` makes the archive of the present version; the archive of a version that was
released is never made again.
"""

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tt_pipeline.clock import clock_from
from tt_pipeline.coverage import replace_source
from tt_pipeline.data_dir import DataDir
from tt_pipeline.simulator import Simulator, World, running

ARCHIVES: Final = sorted(Path(__file__).parent.glob("*.tar.xz"))
COLLECTED: Final = ("--from", "2026-11-03", "--to", "2026-11-05")
"""The days that each data dir has; its study has one more."""
STUDY: Final = """\
study: A data dir of a release
start: 2026-11-03
end: 2026-11-06
searches:
  climate: {hashtags: [climate, klima]}
  football: {keywords: [football], regions: [DE, AT]}
  drawn: {regions: [DE], sample: {random: 20, draws: 2}}
comments: {min_comments: 2, max_per_video: 100}
quota: {requests_per_day: 1000, requests_per_second: 500}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallWorld:
    """The simulator from which the data dirs are collected."""

    simulator: Simulator
    base_url: str

    def variables(self, data_dir: Path) -> dict[str, str]:
        """The settings of a data dir that collects from it, at the time at which all data dirs were collected."""
        return {
            "TT_API_BASE_URL": self.base_url,
            "TT_CLIENT_KEY": "sim-key",
            "TT_CLIENT_SECRET": "sim-secret",
            "TT_DATA_DIR": str(data_dir),
            "TT_CLOCK": "2026-11-20T12:00:00+00:00@1",
        }


@contextmanager
def small_world() -> Iterator[SmallWorld]:
    """Run the simulator."""
    clock = clock_from("2026-11-20T12:00:00+00:00@1")
    simulator = Simulator(World.until_yesterday(clock.now(), seed=7, days=20, videos_per_day=250), now=clock.now)
    with running(simulator) as base_url:
        yield SmallWorld(simulator=simulator, base_url=base_url)


def unpack(archive: Path, folder: Path) -> tuple[Path, Path]:
    """Unpack an archive; returns its data dir and its backup."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "data", folder / "backup"


def tie_to(data_dir: Path, base_url: str) -> None:
    """Let a data dir belong to this simulator, whose port is another one at each start."""
    replace_source(DataDir(data_dir), base_url)
