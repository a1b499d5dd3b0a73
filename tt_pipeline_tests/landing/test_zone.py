"""The landing zone keeps every answer and always lists what is on disk."""

import json
import multiprocessing
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing import INDEX_VERSION, Envelope, LandingZone, window_load_id
from tt_pipeline.landing.reading import envelopes
from tt_pipeline.vocabulary import Dataset, StopReason
from tt_pipeline_tests.builders import FINGERPRINT, envelope, video

LOAD = window_load_id("climate", FINGERPRINT, (date(2026, 10, 1), date(2026, 10, 3)), 1)
FIRST = envelope(video(1), video(2), has_more=True, ends=None)
LAST = envelope(video(3, day=date(2026, 10, 1)), request={"cursor": 2})


def land(zone: LandingZone, *pages: Envelope, load_id: str = LOAD) -> Path:
    with zone.writing(load_id) as writer:
        for page in pages:
            writer.append(page)
    return zone._root / f"{load_id}.ndjson"


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_answer_is_read_as_it_was_written(answer: object) -> None:
    """Reading a landed line returns the envelope that was written, whatever its body is."""
    page = envelope(body=json.dumps(answer))

    assert Envelope.read(page.line()) == page


def test_a_torn_last_line_is_cut_and_written_again(tmp_path: Path) -> None:
    """Bytes after the last newline are not a page, and the next writer overwrites them."""
    with LandingZone(tmp_path) as zone:
        path = land(zone, FIRST)
        with path.open("ab") as file:
            file.write(LAST.line()[:50])
    with LandingZone(tmp_path) as zone:
        assert [window.pages for window in zone.index.windows()] == [1]
        land(zone, LAST)

        assert list(envelopes(path)) == [FIRST, LAST]


def test_the_index_is_only_a_cache(tmp_path: Path) -> None:
    """Deleting the index loses no page."""
    with LandingZone(tmp_path) as zone:
        land(zone, FIRST, LAST)
        known = zone.index.windows(), zone.index.files()
    for leftover in tmp_path.glob("index.sqlite*"):
        leftover.unlink()
    with LandingZone(tmp_path) as zone:
        assert (zone.index.windows(), zone.index.files()) == known


def test_a_page_that_landed_before_the_index_knew_is_found(tmp_path: Path) -> None:
    """A process killed between file and index loses no page."""
    with LandingZone(tmp_path) as zone:
        path = land(zone, FIRST)
    with path.open("ab") as file:
        file.write(LAST.line())
    with LandingZone(tmp_path) as zone:
        (window,) = zone.index.windows()

    assert (window.pages, window.records, window.ends) == (2, 3, StopReason.COMPLETE)
    assert window.by_day == {date(2026, 10, 1): 1, date(2026, 10, 2): 2}


def test_packing_changes_no_line(tmp_path: Path) -> None:
    """A complete load is compressed under the same name, with the same pages."""
    with LandingZone(tmp_path) as zone:
        with zone.writing(LOAD) as writer:
            writer.append(FIRST)
            writer.append(LAST)
            writer.pack()

        (file,) = zone.index.files()
        assert (file.load_id, file.name, file.lines) == (LOAD, f"{LOAD}.ndjson.zst", 2)
        assert list(file.envelopes()) == [FIRST, LAST]
        assert not list(tmp_path.rglob("*.ndjson"))


def test_a_line_that_is_not_ours_is_named(tmp_path: Path) -> None:
    """The error names file and line, and the file is unchanged."""
    with LandingZone(tmp_path) as zone:
        path = land(zone, FIRST)
    path.write_bytes(path.read_bytes() + b'{"something": "else"}\n')

    with pytest.raises(CorruptLanding, match=r"2026-10-01_2026-10-03.look-1.ndjson:2: is not a landed page"):
        list(envelopes(path))


def test_the_latest_look_at_a_video_counts(tmp_path: Path) -> None:
    """Comments requested again replace the earlier listing; its pages stay on disk."""
    listing = {"dataset": Dataset.COMMENTS, "search": None, "fingerprint": None, "subject": "77", "body": "{}"}
    with LandingZone(tmp_path) as zone:
        whole = envelope(**listing | {"slots": 5, "records": 4, "cursor": 5})
        begun = envelope(**listing | {"look": 2, "slots": 100, "records": 90, "cursor": 100, "ends": None})
        land(zone, whole, load_id="comments/2026-10-02/first")
        land(zone, begun, load_id="comments/2026-10-02/second")

        known = zone.index.subjects(Dataset.COMMENTS)["77"]

    assert (known.look, known.cursor, known.records, known.ends) == (2, 100, 90, None)


def test_a_page_that_landed_twice_is_counted(tmp_path: Path) -> None:
    """The same page of the same look, landed twice, counts as one page too many."""
    with LandingZone(tmp_path) as zone:
        land(zone, FIRST, LAST)
        assert (zone.index.pages_bought_twice(), zone.index.bought_twice_here) == (0, 0)
        land(zone, LAST)
        assert (zone.index.pages_bought_twice(), zone.index.bought_twice_here) == (1, 1)


def test_the_windows_of_a_query_are_those_that_overlap_the_days(tmp_path: Path) -> None:
    """A collection reads these alone before each request; reading all of them took most of its time."""
    days = [date(2026, 10, day) for day in (1, 2, 3)]
    with LandingZone(tmp_path) as zone:
        for fingerprint in ("a" * 64, "b" * 64):
            for day in days:
                page = envelope(fingerprint=fingerprint, window_from=day, window_to=day)
                land(zone, page, load_id=window_load_id("climate", fingerprint, (day, day), 1))
        found = zone.index.windows("a" * 64, days[1], days[2])

        assert found == [w for w in zone.index.windows() if w.fingerprint == "a" * 64 and w.first_day >= days[1]]
        assert len(found) == 2


def test_a_lease_reads_the_files_of_its_folder(tmp_path: Path) -> None:
    """Files of other folders are read when the zone is opened."""
    with LandingZone(tmp_path) as zone, LandingZone(tmp_path / "copy") as other:
        for place in ("comments/2026-10-02/run", "comments/2026-10-03/run"):
            page = envelope(dataset=Dataset.COMMENTS, search=None, fingerprint=None, subject="77")
            land(other, page, load_id=place)
            file = tmp_path / f"{place}.ndjson"
            file.parent.mkdir(parents=True)
            (tmp_path / "copy" / f"{place}.ndjson").rename(file)
        with zone.lease("comments", "2026-10-02"):
            assert [file.load_id for file in zone.index.files()] == ["comments/2026-10-02/run"]
        zone.catch_up()
        assert zone.index.number_of_files() == 2


def _keep_lease(root: Path, ready: object, release: object) -> None:
    with LandingZone(root) as zone, zone.lease("videos"):
        ready.set()  # type: ignore[attr-defined]  # a multiprocessing event
        release.wait(30)  # type: ignore[attr-defined]


def _take_lease(root: Path, taken: object) -> None:
    with LandingZone(root) as zone, zone.lease("videos"):
        taken.set()  # type: ignore[attr-defined]


def test_two_processes_never_collect_into_one_folder(tmp_path: Path) -> None:
    """The second process waits until the first one releases the folder or dies."""
    context = multiprocessing.get_context("spawn")
    ready, release, taken = context.Event(), context.Event(), context.Event()
    first = context.Process(target=_keep_lease, args=(tmp_path, ready, release))
    second = context.Process(target=_take_lease, args=(tmp_path, taken))
    first.start()
    assert ready.wait(30)
    second.start()
    assert not taken.wait(0.5)

    first.kill()

    assert taken.wait(30)
    first.join()
    second.join()


def test_an_index_of_an_earlier_version_is_filled_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said before it is done, with both versions and the size."""
    with LandingZone(tmp_path) as zone:
        land(zone, LAST)
    with closing(sqlite3.connect(tmp_path / "index.sqlite")) as index:
        index.execute("pragma user_version = 1")

    with LandingZone(tmp_path) as zone:
        assert zone.index.number_of_files() == 1

    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith(f"{tmp_path / 'index.sqlite'} (0.1 MB, version 1) is brought to version {INDEX_VERSION} now")
