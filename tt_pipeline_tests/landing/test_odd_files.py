"""The zone opens with any files in its folder: odd ones are named, damaged ones renamed, the others read."""

import logging
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.landing import Inventory, LandingZone, window_load_id
from tt_pipeline.landing.layout import is_load_id
from tt_pipeline_tests.builders import FINGERPRINT, envelope, video
from tt_pipeline_tests.landing.odd_files import DAMAGED, LEFT_OUT, ODD, Put, file, fill, load_named, page


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """A landing folder with one complete file."""
    folder = tmp_path / "landing"
    file(f"{load_named(1)}.ndjson", page(1))(folder)
    return folder


def read(landing: Path) -> dict[str, int]:
    """Pages of each load in the zone, after a process that collected into every folder."""
    for _ in range(2):
        with LandingZone(landing) as zone, zone.lease("videos"):
            known = {found.load_id: found.lines for found in zone.index.files()}
            zone.index.windows()
            zone.index.fields()
    return known


def others(landing: Path) -> set[tuple[bytes, bytes]]:
    """Folder and name of all files except those of `landing` and those that every zone creates."""
    walk = os.walk(os.fsencode(landing))
    entries = {(folder, name) for folder, folders, files in walk for name in (*folders, *files)}
    return {(folder, name) for folder, name in entries if b"odd1/" not in folder and b"index" not in name} - {
        (os.fsencode(landing / "videos"), b".lease"),
        (os.fsencode(landing), b".all.lease"),
        (os.fsencode(landing), b"identity"),
    }


@pytest.mark.parametrize("put", LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_file_that_is_not_ours_is_left_alone_and_named(
    landing: Path, caplog: pytest.LogCaptureFixture, put: Put
) -> None:
    """It is not opened, renamed or deleted; the log names it once, in one printable line."""
    put(landing)
    before = others(landing)

    known = read(landing)

    assert known == {load_named(1): 1}
    assert others(landing) == before
    (message,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert message.startswith(f"files in {landing} that are left out: ")
    assert message.isprintable()
    assert len(Inventory(landing).left_out()) == 1


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_file_without_pages_fails_alone(landing: Path, caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    """It is renamed and kept, the log names it once, and the other file is read."""
    name = f"{load_named(50)}.ndjson"
    file(name, content)(landing)

    known = read(landing)

    assert {load: lines for load, lines in known.items() if lines} == {load_named(1): 1}
    (kept,) = Inventory(landing).damaged()
    assert (landing / kept.name).read_bytes() == content
    (message,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert f"{landing / name}" in message
    assert message.isprintable()


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_an_odd_record_stops_nothing(landing: Path, caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    """The page is in the index, whatever keys and values its records have."""
    file(f"{load_named(50)}.ndjson", content)(landing)

    assert read(landing) == {load_named(1): 1, load_named(50): 1}
    assert not caplog.records


def test_all_of_it_at_once(landing: Path) -> None:
    """Every complete page is read among more than a hundred odd files, and opening again changes nothing."""
    fill(landing)

    known = read(landing)

    assert {load for load, lines in known.items() if lines} == {load_named(n) for n in range(1, len(ODD) + 1)}
    assert len(Inventory(landing).left_out()) == len(LEFT_OUT)
    assert read(landing) == known


@given(content=st.binary(max_size=300), packed=st.booleans())
def test_no_content_of_a_file_stops_the_zone(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, *, packed: bool
) -> None:
    """A file with any bytes does not keep the others from being read."""
    folder = tmp_path_factory.mktemp("landing")
    file(f"{load_named(1)}.ndjson", page(1))(folder)
    file(f"{load_named(2)}.ndjson{'.zst' * packed}", content)(folder)

    known = read(folder)

    assert {load for load, lines in known.items() if lines} == {load_named(1)}


_NAME = st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(names=st.lists(_NAME, min_size=1, max_size=5))
def test_no_name_of_a_file_stops_the_zone(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    """Any name is a load's or is left out."""
    folder = tmp_path_factory.mktemp("landing")
    parts = [name for name in names if name not in {".", ".."}]
    file("/".join([*parts, "x.ndjson"]), b"")(folder)

    assert read(folder) == {}


def test_names_of_loads() -> None:
    """Every name that tt_pipeline writes is accepted, also of a file that was damaged twice."""
    window = window_load_id("bees", FINGERPRINT, (envelope().window_from, envelope().window_to), 12)
    mended = f"{window}.mended-20261001T000000000000Z"
    names = [window, mended, "comments/2026-10-02/0cb8a934-8aa2-run.1", "canary/2026-10-02/run-1-hashtag"]

    assert [name for name in names if not is_load_id(name)] == []


def test_a_file_that_is_damaged_again_and_again_keeps_a_short_name(tmp_path: Path) -> None:
    """Each repair replaces the previous suffix, so a name does not exceed the limit of the file system."""
    name = load_named(1)
    file(f"{name}.ndjson", page(1) + b"torn\n")(tmp_path)
    for _ in range(9):
        with LandingZone(tmp_path) as zone:
            (found,) = zone.index.files()
        (tmp_path / found.name).write_bytes(page(1) + b"torn\n")

    with LandingZone(tmp_path) as zone:
        (found,) = zone.index.files()
    assert (found.lines, found.load_id.count(".mended-")) == (1, 1)
    assert envelope(video(2)).window_from.isoformat() in found.load_id


def test_a_file_that_cannot_be_read_is_named_once(landing: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each reading raises an error of its own with the same words; a daemon reads the folder thousands of times."""
    unreadable = landing / f"{load_named(2)}.ndjson"
    unreadable.parent.mkdir(parents=True)
    unreadable.symlink_to("/proc/self/mem")  # a regular file that nobody can read
    for _ in range(2):
        with LandingZone(landing) as zone, zone.lease("videos"):
            assert [file.load_id for file in zone.index.files()] == [load_named(1)]
    messages = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert [words.partition(":")[0] for words in messages] == [
        "landed file cannot be read and is left out",
        "landed file cannot be compressed and stays as it is",
    ]
