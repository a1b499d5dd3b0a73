"""The shared landing zone on SeaweedFS, a real S3-compatible server on this machine, with processes of their own."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from tt_pipeline.errors import SettingsError, SharedLandingFailed
from tt_pipeline.landing import LandingZone, shared_landing
from tt_pipeline_tests.builders import envelope, video
from tt_pipeline_tests.distributed.s3_server import Storage, running_storage
from tt_pipeline_tests.landing import landing_process
from tt_pipeline_tests.landing.lives import KINDS, numbers, problems
from tt_pipeline_tests.landing.machines import Machine, objects

pytestmark = [pytest.mark.slow, pytest.mark.distributed]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """The server, in a folder of its own."""
    with running_storage(tmp_path_factory.mktemp("seaweedfs")) as started:
        yield started


@pytest.mark.parametrize("seed", range(12))
def test_machines_end_equal(storage: Storage, seed: int) -> None:
    """The law of `test_shared_laws.py` holds on a real server."""
    chance = random.Random(seed)  # noqa: S311 — no secret
    actions = [
        (
            chance.randrange(3),
            chance.choice(KINDS),
            chance.randrange(2),
            chance.randrange(10_000),
            chance.choice([None, None, (chance.randrange(13), chance.random() < 0.5, chance.random() < 0.5)]),
        )
        for _ in range(12)
    ]
    assert problems(actions, storage.bucket(f"law-{seed}")) == {}


def test_processes_that_are_killed_and_paused_share_one_load(storage: Storage, tmp_path: Path) -> None:
    """Four processes in four folders land 15 pages each in one load; some are stopped for a second, some killed.

    Each page that a process has reported is there once, and all folders are equal.
    """
    settings = storage.settings("processes")
    chance = random.Random(7)  # noqa: S311 — no secret
    reported: list[int] = []
    folders = [tmp_path / name for name in "abcd"]
    for round_ in range(5):
        running = [
            subprocess.Popen(
                [sys.executable, "-m", landing_process.__name__, folder, f"{100 * (4 * round_ + place)}"],
                env={**os.environ, **settings.as_environment(), "TT_LEDGER": "postgresql://127.0.0.1/quota"},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).parents[2],
            )
            for place, folder in enumerate(folders)
        ]
        time.sleep(4 + chance.random())
        running[0].send_signal(signal.SIGSTOP)
        time.sleep(1)
        running[1].kill()
        running[0].send_signal(signal.SIGCONT)
        for process in running:
            reported += [int(line) for line in process.communicate(timeout=120)[0].split()]

    found = []
    for folder in folders:
        with LandingZone(folder, shared=shared_landing(settings)):
            found.append(Machine(folder).files())
    pages = numbers(Machine(folders[0]).lines())

    assert found == [found[0]] * 4
    assert (len(set(pages)), set(reported) - set(pages)) == (len(pages), set())
    assert len(reported) >= 5


def test_a_bucket_with_versions_is_refused(storage: Storage, tmp_path: Path) -> None:
    """What is deleted would stay in it."""
    storage.shell("s3.bucket.create -name versions\ns3.bucket.versioning -name versions -enable\n")
    with pytest.raises(SettingsError, match="a bucket that keeps the old versions of its objects"):
        LandingZone(tmp_path, shared=shared_landing(storage.settings("versions")))


def test_wrong_credentials_are_named_without_being_shown(storage: Storage, tmp_path: Path) -> None:
    """The server's answer contains the key; the message does not."""
    settings = storage.settings("refused", aws_access_key_id=SecretStr("no-such-key"))
    with pytest.raises(SharedLandingFailed) as caught:
        LandingZone(tmp_path, shared=shared_landing(settings))
    assert str(caught.value).startswith("s3://refused/study (TT_LANDING) cannot be used: it answers 403 Forbidden. ")
    assert "no-such-key" not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_the_bytes_in_the_bucket_are_those_on_disk(storage: Storage, tmp_path: Path) -> None:
    """A page of four megabytes arrives as it is."""
    page = envelope(video(1), body="{" + "x" * 4_000_000)
    with (
        LandingZone(tmp_path, shared=shared_landing(storage.settings("large"))) as zone,
        zone.writing("videos/a/b/2026-10-01_2026-10-03.look-1") as writer,
    ):
        writer.append(page)
    stored = objects(storage.bucket("large"))
    assert stored["open/videos/a/b/2026-10-01_2026-10-03.look-1/000001.ndjson"] == page.line()
