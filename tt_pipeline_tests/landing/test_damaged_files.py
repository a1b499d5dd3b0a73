"""A damaged landed file is named, set aside and never overwritten; its good pages count, and other files are read."""

import fcntl
import json
import logging
import os
import threading
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.landing import Envelope, LandingZone, window_load_id
from tt_pipeline.landing.appending import pack
from tt_pipeline.landing.reading import envelopes
from tt_pipeline.safe_files import lease, original_name
from tt_pipeline.vocabulary import Dataset, StopReason
from tt_pipeline_tests.builders import FINGERPRINT, envelope, video
from tt_pipeline_tests.failing_disks import SyncedDisk

LOAD = window_load_id("climate", FINGERPRINT, (date(2026, 10, 1), date(2026, 10, 3)), 1)
OTHER = window_load_id("climate", FINGERPRINT, (date(2026, 10, 4), date(2026, 10, 6)), 1)
PAGES = [
    envelope(
        video(number), request={"cursor": number - 1}, has_more=number < 3, ends=None if number < 3 else "complete"
    )
    for number in (1, 2, 3)
]


def land(zone: LandingZone, *pages: Envelope, load_id: str = LOAD, packs: bool = False) -> Path:
    """A landed file, packed or not."""
    with zone.writing(load_id, packs=packs) as writer:
        for page in pages:
            writer.append(page)
    return zone._root / f"{load_id}.ndjson{'.zst' * packs}"


def listing(subject: str, cursor: int = 0, **further: Any) -> Envelope:
    """A page of a video's comments."""
    fields = {"dataset": Dataset.COMMENTS, "search": None, "fingerprint": None, "subject": subject, "body": "[]"}
    return envelope(**fields | {"request": {"video_id": subject, "cursor": cursor}, "cursor": cursor + 1} | further)


Damage = Callable[[bytes], bytes]


def in_line(change: Callable[[dict[str, Any]], dict[str, Any] | str], number: int = 2) -> Damage:
    """Damage one line of a file."""

    def damaged(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        changed = change(json.loads(lines[number - 1]))
        lines[number - 1] = (changed if isinstance(changed, str) else json.dumps(changed)).encode() + b"\n"
        return b"".join(lines)

    return damaged


BAD_LINES = {
    "none of ours": in_line(lambda _: {"something": "else"}),
    "no JSON": in_line(lambda _: "\x00\x00\x00"),
    "a list": in_line(lambda _: "[]"),
    "another body": in_line(lambda page: page | {"body": page["body"].replace("creator_2", "creator_3")}),
    "without a body": in_line(lambda page: {key: page[key] for key in page if key != "body"}),
}


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("damage", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_makes_a_window_unfinished(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Damage, *, is_packed: bool
) -> None:
    """The pages before the bad line count, the window is unfinished, and the renamed file has the reason."""
    with LandingZone(tmp_path) as zone:
        plain = land(zone, *PAGES)
        land(zone, *PAGES, load_id=OTHER)
    plain.write_bytes(damage(plain.read_bytes()))
    path = pack(plain) if is_packed else plain
    content = path.read_bytes()

    with LandingZone(tmp_path) as zone:
        mended, other = sorted(zone.index.windows(), key=lambda window: window.load_id)

        assert (mended.pages, mended.ends, other.pages, other.ends) == (1, None, 3, StopReason.COMPLETE)
        assert list(mended.location.envelopes()) == PAGES[:1]
    (aside,) = path.parent.glob(f"{path.name}.damaged-*")
    assert (aside.read_bytes(), path.exists()) == (content, False)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert f"{path}:2 is not a landed page" in caplog.text
    assert aside.name in caplog.text


@pytest.mark.parametrize("damage", [lambda content: content[: len(content) // 2], lambda _: b"no archive" * 9])
def test_a_packed_file_that_cannot_be_unpacked_is_set_aside(tmp_path: Path, damage: Damage) -> None:
    """Its pages are missing, and the next writer does not use its name."""
    with LandingZone(tmp_path) as zone:
        path = land(zone, *PAGES, packs=True)
    path.write_bytes(damage(path.read_bytes()))

    with LandingZone(tmp_path) as zone:
        assert not [window for window in zone.index.windows() if window.ends]
        land(zone, *PAGES, packs=True)

    assert len(list(path.parent.glob("*.damaged-*"))) == 1
    assert not path.exists()
    assert list(envelopes(tmp_path / f"{LOAD}.1.ndjson.zst")) == PAGES


@pytest.mark.parametrize("is_packed_first", [False, True])
def test_a_window_without_a_good_page_lands_under_the_mended_name(tmp_path: Path, *, is_packed_first: bool) -> None:
    """The empty mended file is in the index and is kept, and the next request for the window appends to it."""
    with LandingZone(tmp_path) as zone:
        path = land(zone, *PAGES, packs=is_packed_first)
        if is_packed_first:
            path.write_bytes(b"no archive")
        else:
            path.write_bytes(in_line(lambda _: "torn", number=1)(path.read_bytes()))

    with LandingZone(tmp_path) as zone, zone.lease("videos", "climate", FINGERPRINT[:8]):
        (nothing,) = zone.index.files()
        assert (nothing.lines, nothing.dataset, zone.index.windows()) == (0, Dataset.VIDEOS, [])
        land(zone, *PAGES)

        (window,) = zone.index.windows()
        assert (window.load_id, window.search, window.pages) == (nothing.load_id, "climate", 3)
        assert nothing.load_id.startswith(f"{LOAD}.mended-")


def test_one_bad_line_costs_one_video(tmp_path: Path) -> None:
    """Of a day's comments only pages after a gap of the same video are dropped; other videos stay complete."""
    more: dict[str, Any] = {"has_more": True, "ends": None}
    kept = [listing("1", **more), listing("2", **more), listing("2", 1), listing("3"), listing("1", 1)]
    with LandingZone(tmp_path) as zone:
        bad = listing("4", **more)
        path = land(zone, kept[0], bad, listing("4", 1), *kept[1:], load_id="comments/2026-10-02/run")
    path.write_bytes(in_line(lambda _: "torn")(path.read_bytes()))

    with LandingZone(tmp_path) as zone:
        known = {subject: page.ends for subject, page in zone.index.subjects(Dataset.COMMENTS).items()}
        (file,) = zone.index.files()

    assert known == dict.fromkeys("123", StopReason.COMPLETE)
    assert list(file.envelopes()) == kept


def test_a_bad_line_costs_only_pages_of_its_own_list(tmp_path: Path) -> None:
    """Pages continued from an earlier run, answers after a page and other playlists of an account are kept.

    Pages of the same look after the bad line are not kept, even if their cursors continue.
    """
    more: dict[str, Any] = {"has_more": True, "ends": None}
    statement: dict[str, Any] = {"request": {}, "body": "{}", "ends": StopReason.UNAVAILABLE}
    of_playlist: dict[str, Any] = {"dataset": Dataset.PLAYLISTS, "ends": StopReason.COMPLETE}
    files = {
        "comments/2026-10-02/run": [
            listing("1", **more),
            listing("2", 7),
            listing("3", **more),
            listing("3", **statement),
            listing("1", 1, look=2),
            listing("1", 0, fetched_at=PAGES[0].fetched_at + timedelta(seconds=1)),
        ],
        "playlists/2026-10-02/run": [
            listing("lena", request={"playlist_id": 1, "cursor": 0}, **of_playlist),
            listing("lena", request={"playlist_id": 2, "cursor": 5}, **of_playlist),
        ],
    }
    for load_id, pages in files.items():
        with LandingZone(tmp_path) as zone:
            path = land(zone, *pages, load_id=load_id)
        path.write_bytes(in_line(lambda _: "torn", number=1)(path.read_bytes()))
    with LandingZone(tmp_path) as zone:
        kept = {original_name(file.load_id): list(file.envelopes()) for file in zone.index.files()}

    assert kept == {
        "comments/2026-10-02/run": files["comments/2026-10-02/run"][1:5],
        "playlists/2026-10-02/run": files["playlists/2026-10-02/run"][1:],
    }


def test_a_change_of_the_same_size_is_noticed(tmp_path: Path) -> None:
    """An edited file is read again, also if its size is the same."""
    with LandingZone(tmp_path) as zone:
        path = land(zone, *PAGES, packs=True)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)

    with LandingZone(tmp_path) as zone:
        assert [window.ends for window in zone.index.windows()] in ([], [None])


def test_a_file_is_not_set_aside_while_another_process_writes(tmp_path: Path) -> None:
    """While another process has the folder's lease, the damaged file stays and is reported; later it is set aside."""
    with LandingZone(tmp_path) as zone:
        path = land(zone, *PAGES)
        with lease(path.parent / ".lease"):
            path.write_bytes(in_line(lambda _: "torn")(path.read_bytes()))
            zone.catch_up()
            assert path.exists()

        with zone.lease("videos", "climate", FINGERPRINT[:8]):
            assert not path.exists()


def test_a_packed_file_is_not_overwritten(tmp_path: Path) -> None:
    """If a plain and a packed file of one load differ, packing sets the packed one aside."""
    with LandingZone(tmp_path) as zone:
        packed = land(zone, *PAGES, packs=True)
        before = packed.read_bytes()
        plain = tmp_path / f"{LOAD}.ndjson"
        plain.write_bytes(PAGES[0].line())
        pack(plain)

    (aside,) = packed.parent.glob("*.damaged-*")
    assert (aside.read_bytes(), list(envelopes(packed))) == (before, PAGES[:1])


def test_a_body_that_is_not_json_is_not_damage(tmp_path: Path) -> None:
    """The body is what the server sent, so the file is not damaged."""
    with LandingZone(tmp_path) as zone:
        land(zone, envelope(body="<html>"))

        assert [window.records for window in zone.index.windows()] == [0]


def test_files_of_a_dead_run_are_packed_by_the_next(tmp_path: Path) -> None:
    """Complete, empty and torn files are packed; unfinished windows stay plain, because a run continues them."""
    with LandingZone(tmp_path) as zone:
        left = land(zone, listing("1"), load_id="comments/2026-10-02/dead")
        empty = left.with_name("empty.ndjson")
        empty.write_bytes(b'{"envelope":1')
        finished, unfinished = land(zone, *PAGES), land(zone, PAGES[0], load_id=OTHER)

        with zone.lease("comments", "2026-10-02"), zone.lease("videos", "climate", FINGERPRINT[:8]):
            found = [path.exists() for path in (left, empty, finished, unfinished)]

        assert found == [False, False, False, True]
        assert sorted(file.name.rpartition("/")[2] for file in zone.index.files()) == [
            "2026-10-01_2026-10-03.look-1.ndjson.zst",
            "2026-10-04_2026-10-06.look-1.ndjson",
            "dead.ndjson.zst",
        ]


def test_a_run_that_is_stopped_packs_what_it_has(tmp_path: Path) -> None:
    """After an error there is no plain file, and no file at all if no page landed."""

    def stopped(*pages: Envelope) -> None:
        load_id = f"users/2026-10-02/run-{len(pages)}"
        with LandingZone(tmp_path) as zone, zone.writing(load_id, packs=True) as writer:
            for page in pages:
                writer.append(page)
            raise KeyError

    for pages in ([], [listing("1")]):
        with pytest.raises(KeyError):
            stopped(*pages)

    assert [path.name for path in tmp_path.rglob("run*")] == ["run-1.ndjson.zst"]


def test_a_continued_run_makes_a_second_file(tmp_path: Path) -> None:
    """A continued run does not change the file that it packed before."""
    with LandingZone(tmp_path) as zone:
        for page in (listing("1"), listing("2")):
            land(zone, page, load_id="comments/2026-10-02/run", packs=True)

        assert [file.load_id for file in zone.index.files()] == ["comments/2026-10-02/run", "comments/2026-10-02/run.1"]


def damage_index(root: Path, content: bytes) -> None:
    """Overwrite the middle of the index."""
    with (root / "index.sqlite").open("r+b") as file:
        file.seek(0 if len(content) > 5000 else 20_000)
        file.write(content)


@pytest.mark.parametrize("content", [bytes(range(256)) * 12, b"no database" * 2000])
def test_a_damaged_index_is_rebuilt_from_the_files(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    """The damaged index is kept under another name, and the new one has every page."""
    with LandingZone(tmp_path) as zone:
        for number in range(40):
            land(zone, *PAGES, load_id=f"{LOAD}{number}")
        known = zone.index.windows()
    damage_index(tmp_path, content)

    with LandingZone(tmp_path) as zone:
        assert zone.index.windows() == known
    assert len(list(tmp_path.glob("index.sqlite.damaged-*"))) == 1
    assert f"{tmp_path / 'index.sqlite'} is damaged" in caplog.text


def test_a_file_that_cannot_be_opened_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The other files are read, and the log names the file."""
    with LandingZone(tmp_path) as zone:
        land(zone, *PAGES)
    (tmp_path / "videos" / "strange.ndjson").mkdir()

    with LandingZone(tmp_path) as zone:
        assert len(zone.index.windows()) == 1
    assert "strange.ndjson" in caplog.text


def test_waiting_for_another_process_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One line names the folder, and only if another process has the lease."""
    with lease(tmp_path / "free"):
        assert not caplog.records
    with (tmp_path / "taken").open("w") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        waiter = threading.Thread(target=lambda: lease(tmp_path / "taken").__enter__())
        waiter.start()
        while not caplog.records:
            os.sched_yield()
        fcntl.flock(taken, fcntl.LOCK_UN)
        waiter.join()

    assert [record.getMessage() for record in caplog.records] == [
        f"waiting for another tt_pipeline process to release its lease: {tmp_path / 'taken'}"
    ]


class _Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("at", [1, 2])
def test_a_kill_while_a_file_is_mended_loses_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Before each rename; the next process finds the good pages once, and the damaged file is set aside once."""
    rename, calls = os.rename, count(1)

    def killed(source: Path, target: Path) -> None:
        if next(calls) == at:
            raise _Killed
        rename(source, target)

    with LandingZone(tmp_path) as zone, monkeypatch.context() as patch:
        path = land(zone, *PAGES)
        damage = BAD_LINES["no JSON"]
        path.write_bytes(damage(path.read_bytes()))
        patch.setattr(os, "rename", killed)
        with pytest.raises(_Killed):
            zone.catch_up()

    with LandingZone(tmp_path) as zone:
        (window,) = zone.index.windows()
        assert list(window.location.envelopes()) == PAGES[:1]
    assert [len(list(path.parent.glob(name))) for name in ("*.mended-*", "*.damaged-*", ".*.tmp")] == [1, 1, 0]


def test_mended_pages_survive_a_power_cut(tmp_path: Path, disk: SyncedDisk) -> None:
    """Content and name of the new file are synced."""
    with LandingZone(tmp_path) as zone:
        path = land(zone, *PAGES)
    damage = BAD_LINES["no JSON"]
    path.write_bytes(damage(path.read_bytes()))
    with LandingZone(tmp_path):
        pass
    (mended,) = path.parent.glob("*.mended-*")
    assert disk.after_power_cut(mended) == PAGES[0].line()
