"""A landed file is read through its location, which gives complete lines only, whatever happens to the file."""

from datetime import date
from pathlib import Path

import pytest

from tt_pipeline.landing import Inventory, LandingZone, window_load_id
from tt_pipeline.landing.appending import pack
from tt_pipeline.landing.reading import whole_lines
from tt_pipeline_tests.builders import FINGERPRINT, envelope, video

LOAD = window_load_id("climate", FINGERPRINT, (date(2026, 10, 1), date(2026, 10, 3)), 1)
PAGE = envelope(video(1))


def landed(root: Path, *, after: bytes = b"") -> Path:
    """A plain file with one page and the unfinished line of a crash."""
    with LandingZone(root) as zone, zone.writing(LOAD) as writer:
        writer.append(PAGE)
    path = root / f"{LOAD}.ndjson"
    path.write_bytes(path.read_bytes() + after)
    return path


@pytest.mark.parametrize("torn", [b'{"envelope":1', b"x" * 65_536, b"x" * 200_000])
def test_a_local_file_has_whole_lines_only(tmp_path: Path, torn: bytes) -> None:
    """A line without its newline, however long, is not in the local file and stays in the landed file."""
    path = landed(tmp_path / "landing", after=torn)
    (file,) = Inventory(tmp_path / "landing").files()

    local = file.local_file(tmp_path / "0")

    assert (local, local.read_bytes(), file.lines) == (tmp_path / "0.ndjson", PAGE.line(), 1)
    assert path.read_bytes() == PAGE.line() + torn


def test_a_file_without_a_whole_line_is_an_empty_local_file(tmp_path: Path) -> None:
    """A kill during the first page leaves no complete line."""
    path = landed(tmp_path / "landing")
    path.write_bytes(b"x" * 100_000)
    (file,) = Inventory(tmp_path / "landing").files()
    assert file.local_file(tmp_path / "0").read_bytes() == b""


def test_a_file_compressed_after_it_was_listed_is_still_readable(tmp_path: Path) -> None:
    """The location names the plain file; its local file is then the compressed one."""
    path = landed(tmp_path / "landing")
    (file,) = Inventory(tmp_path / "landing").files()
    pack(path)

    local = file.local_file(tmp_path / "0")

    assert (local.name, list(whole_lines(local))) == ("0.ndjson.zst", [PAGE.line()])


def test_a_damaged_file_keeps_the_key_of_its_load(tmp_path: Path) -> None:
    """Its location still has the load and the damage; a copy next to it is not damage."""
    path = landed(tmp_path, after=b"no page\n")
    with LandingZone(tmp_path) as zone:
        copy = path.with_name(f"{path.name}.bak")
        copy.write_bytes(b"no page\n")
        (damaged,) = zone.inventory.damaged()

        assert (damaged.load_id, damaged.name.startswith(f"{LOAD}.ndjson.damaged-")) == (LOAD, True)
        assert [problem.line for problem in damaged.problems()] == [2]
        assert zone.inventory.left_out().keys() == {f"{LOAD}.ndjson.bak"}
