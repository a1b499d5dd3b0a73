"""Several machines land pages of one study in one bucket; the folder of each is a copy."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from obstore.store import MemoryStore

from tt_pipeline.erased_subjects import NamedSubjects
from tt_pipeline.errors import ContinuedElsewhere, SettingsError, SharedLandingFailed
from tt_pipeline.landing import LandingZone, day_load_id, shared_landing, window_load_id
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import Dataset
from tt_pipeline_tests.builders import FINGERPRINT, envelope, video
from tt_pipeline_tests.landing.machines import Fate, Machine, damage, objects

DAYS = (date(2026, 10, 1), date(2026, 10, 3))
LOAD = window_load_id("climate", FINGERPRINT, DAYS, 1)
FOLDER = ("videos", "climate", FINGERPRINT[:8])
PAGES = [envelope(video(n), has_more=n < 3, ends=None, request={"cursor": n - 1}) for n in (1, 2, 3)]
LINES = [page.line() for page in PAGES]
NUMBERED = [f"open/{LOAD}/00000{number}.ndjson" for number in (1, 2, 3)]


@pytest.fixture
def store() -> MemoryStore:
    """A bucket."""
    return MemoryStore()


@pytest.fixture
def here(tmp_path: Path, store: MemoryStore) -> Machine:
    """A machine."""
    return Machine(tmp_path / "here", store)


@pytest.fixture
def there(tmp_path: Path, store: MemoryStore) -> Machine:
    """Another machine with the same bucket."""
    return Machine(tmp_path / "there", store)


def land(machine: Machine, *pages: Any, packs: bool = False, load_id: str = LOAD) -> None:
    """Land pages as a collection does, under the lease of their folder."""
    with machine.open() as zone, zone.lease(*FOLDER), zone.writing(load_id) as writer:
        for page in pages:
            writer.append(page)
        if packs:
            writer.pack()


def pull(machine: Machine) -> dict[str, bytes]:
    """What a machine has after a start."""
    with machine.open():
        return machine.files()


def redact(machine: Machine, *of: int) -> None:
    """Delete videos."""
    erased = NamedSubjects(videos=frozenset(video(number)["id"] for number in of))
    with machine.open() as zone, zone.all_leases():
        zone.redact(erased)


def without_identity(store: Any) -> dict[str, bytes]:
    """What is in the bucket but for the name of the landing zone."""
    return {name: content for name, content in objects(store).items() if name != "identity"}


def test_a_landed_page_is_one_object(here: Machine, store: MemoryStore) -> None:
    """When a page has landed, its line is in the bucket under the number of the page."""
    land(here, *PAGES[:2])
    assert without_identity(store) == dict(zip(NUMBERED[:2], LINES[:2], strict=True))


def test_a_complete_load_is_one_object(here: Machine, there: Machine, store: MemoryStore) -> None:
    """Of a packed load the bucket has the compressed file and no page; another machine gets the same bytes."""
    land(here, *PAGES, packs=True)

    packed = here.root / f"{LOAD}.ndjson.zst"
    assert without_identity(store) == {f"landed/{LOAD}.ndjson.zst": packed.read_bytes()}
    assert pull(there) == {f"{LOAD}.ndjson.zst": b"".join(LINES)}
    assert (there.root / f"{LOAD}.ndjson.zst").read_bytes() == packed.read_bytes()


def test_another_machine_continues_a_window(here: Machine, there: Machine, store: MemoryStore) -> None:
    """It has the pages that landed elsewhere, and the first machine gets those that it adds."""
    land(here, *PAGES[:2])
    land(there, PAGES[2])

    assert without_identity(store) == dict(zip(NUMBERED, LINES, strict=True))
    with here.open() as zone:
        (window,) = zone.index.windows()
        assert (window.pages, list(window.location.envelopes())) == (3, PAGES)


def test_a_machine_that_was_paused_notices_it_at_its_next_page(
    here: Machine, there: Machine, store: MemoryStore
) -> None:
    """The page of the machine that went on counts; the late one is cut off, and the file equals the shared one."""
    with here.open() as zone, zone.lease(*FOLDER), zone.writing(LOAD) as writer:
        writer.append(PAGES[0])
        land(there, PAGES[1])

        with pytest.raises(ContinuedElsewhere) as caught:
            writer.append(PAGES[2])

        assert here.lines() == [LINES[0]]
        assert zone.index.windows()[0].pages == 1
    assert str(caught.value) == (
        f"Another machine has gone on with {LOAD} in s3://answers/study meanwhile. What it has stored there counts, and"
        " so does what this process stored before. 1 page of this process came too late and was dropped. Run the same"
        " command again: it requests what is missing."
    )
    assert without_identity(store) == dict(zip(NUMBERED[:2], LINES[:2], strict=True))
    assert pull(here) == pull(there) == {f"{LOAD}.ndjson": b"".join(LINES[:2])}


def test_a_machine_that_was_paused_adds_nothing_to_a_complete_load(here: Machine, there: Machine) -> None:
    """The objects of the pages are gone, so that the number of the page is free; nevertheless it is not stored."""
    with here.open() as zone, zone.lease(*FOLDER), zone.writing(LOAD) as writer:
        writer.append(PAGES[0])
        land(there, PAGES[1], packs=True)

        with pytest.raises(ContinuedElsewhere):
            writer.append(PAGES[2])

    assert pull(there) == pull(here) == {f"{LOAD}.ndjson.zst": b"".join(LINES[:2])}


def test_a_machine_that_was_paused_does_not_bring_back_what_was_deleted(here: Machine, there: Machine) -> None:
    """Its file still has the page; packing it is refused."""
    with here.open() as zone, zone.lease(*FOLDER), zone.writing(LOAD) as writer:
        writer.append(PAGES[0])
        writer.append(PAGES[1])
        redact(there, 1)

        with pytest.raises(ContinuedElsewhere):
            writer.pack()

    assert pull(here) == pull(there)
    assert [here.lines()[1:], str(video(1)["id"]).encode() in here.lines()[0]] == [[LINES[1]], False]


def test_a_deletion_is_not_done_while_a_page_is_added(here: Machine, there: Machine) -> None:
    """A machine that was paused may add what is deleted: the deletion says so, and the next one is complete."""
    erased = NamedSubjects(videos=frozenset({video(1)["id"]}))
    again = envelope(video(1), video(3), ends=None)
    with here.open() as zone, zone.lease(*FOLDER), zone.writing(LOAD) as writer:
        writer.append(PAGES[0])
        with there.open() as deleting, deleting.all_leases():
            writer.append(again)
            with pytest.raises(ContinuedElsewhere):
                deleting.redact(erased)

    redact(there, 1)

    assert pull(here) == pull(there)
    assert [len(here.lines()), str(video(1)["id"]).encode() in b"".join(here.lines())] == [2, False]


def test_a_page_that_could_not_be_sent_is_kept_and_sent_first(
    here: Machine, there: Machine, store: MemoryStore
) -> None:
    """The answer was paid for: it is on the disk and in the index, and in the bucket after the next start."""
    with here.open() as zone, zone.lease(*FOLDER), zone.writing(LOAD) as writer:
        writer.append(PAGES[0])
        here.fate.steps, here.fate.is_killed = 0, False
        with pytest.raises(SharedLandingFailed) as caught:
            writer.append(PAGES[1])
        assert zone.index.windows()[0].pages == 2
    assert str(caught.value) == (
        "s3://answers/study (TT_LANDING) cannot be used: it does not answer. Answers that have come are kept in"
        " this data dir and are sent there first next time. Check the network, AWS_ENDPOINT_URL and the credentials,"
        " and run the same command again."
    )
    here.fate = Fate()
    assert without_identity(store) == {NUMBERED[0]: LINES[0]}

    land(here, PAGES[2])

    assert without_identity(store) == dict(zip(NUMBERED, LINES, strict=True))
    assert pull(there) == {f"{LOAD}.ndjson": b"".join(LINES)}


def test_pages_of_one_process_wait_in_their_order(here: Machine, store: MemoryStore) -> None:
    """When the storage can be reached again, the page that waits is sent before the next one."""
    with here.open() as zone, zone.lease(*FOLDER), zone.writing(LOAD) as writer:
        here.fate.steps, here.fate.is_killed = 0, False
        with pytest.raises(SharedLandingFailed):
            writer.append(PAGES[0])
        here.fate.steps = float("inf")
        writer.append(PAGES[1])

    assert without_identity(store) == dict(zip(NUMBERED[:2], LINES[:2], strict=True))


def test_a_page_that_could_not_be_sent_gives_way(
    here: Machine, there: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    """If another machine has stored the page with its number since, it is dropped, and the log says so."""
    land(here, PAGES[0])
    with here.open() as zone, zone.lease(*FOLDER), zone.writing(LOAD) as writer:
        here.fate.steps, here.fate.is_killed = 0, False
        with pytest.raises(SharedLandingFailed):
            writer.append(PAGES[1])
    here.fate = Fate()
    land(there, PAGES[2])

    assert pull(here) == {f"{LOAD}.ndjson": LINES[0] + LINES[2]}
    assert [record.getMessage() for record in caplog.records if "dropped" in record.getMessage()] == [
        (
            f"pages dropped: 1 of {LOAD} that could not be stored in s3://answers/study at their time. Another machine"
            " has gone on with it since, and its pages count."
        )
    ]


@pytest.mark.parametrize("packs", [True, False], ids=["complete", "open"])
def test_a_deletion_reaches_the_bucket_and_every_machine(
    here: Machine, there: Machine, store: MemoryStore, *, packs: bool
) -> None:
    """What is cut out on one machine is in no object, and in no file of another machine after its next start."""
    both = envelope(video(1), video(2), ends=None)
    land(here, both, PAGES[2], packs=packs)
    pull(there)

    redact(there, 1)

    kept = there.lines()
    assert [str(video(1)["id"]).encode() in b"".join(kept), len(kept)] == [False, 2]
    assert pull(here) == there.files()
    if not packs:
        assert without_identity(store) == dict(zip(NUMBERED[:2], kept, strict=True))


def test_the_number_of_a_removed_page_is_not_free(here: Machine, there: Machine, store: MemoryStore) -> None:
    """A page about a deleted video alone is an empty object, so that the next page has the next number."""
    load_id = day_load_id(Dataset.COMMENTS, date(2026, 10, 2), "run")
    named = {n: envelope(dataset=Dataset.COMMENTS, subject=str(video(n)["id"]), search=None) for n in (1, 2, 3)}
    land(here, named[1], named[2], load_id=load_id)

    redact(here, 2)
    land(there, named[3], load_id=load_id)

    names = [f"open/{load_id}/00000{number}.ndjson" for number in (1, 2, 3)]
    assert without_identity(store) == dict(zip(names, (named[1].line(), b"", named[3].line()), strict=True))
    assert pull(here) == pull(there) == {f"{load_id}.ndjson": named[1].line() + named[3].line()}


def test_a_load_that_was_deleted_stays_away(here: Machine, there: Machine, store: MemoryStore) -> None:
    """An empty object says so: other machines delete their file, and a new load of this name gets another one."""
    load_id = day_load_id(Dataset.COMMENTS, date(2026, 10, 2), "run")
    page = envelope(dataset=Dataset.COMMENTS, subject=str(video(1)["id"]), search=None)
    land(here, page, load_id=load_id, packs=True)
    pull(there)

    redact(here, 1)

    assert without_identity(store) == {f"landed/{load_id}.ndjson.zst": b""}
    assert pull(there) == {}
    land(there, page, load_id=load_id)
    assert pull(here) == {f"{load_id}.1.ndjson": page.line()}


@pytest.mark.parametrize("packs", [True, False], ids=["complete", "open"])
def test_a_damaged_file_is_copied_again(here: Machine, store: MemoryStore, *, packs: bool) -> None:
    """The bucket has the pages: none is requested again, and nothing is set aside."""
    land(here, *PAGES, packs=packs)
    before = objects(store)
    (path,) = here.root.rglob("2026*.ndjson*")
    damage(path, path.stat().st_size // 2)

    with here.open() as zone:
        assert [window.pages for window in zone.index.windows()] == [3]

    assert (here.lines(), objects(store)) == (LINES, before)
    assert list(here.root.rglob("*.damaged-*")) == []


@pytest.mark.parametrize("packs", [True, False], ids=["complete", "open"])
def test_a_damaged_object_is_mended_for_every_machine(
    here: Machine, there: Machine, store: MemoryStore, *, packs: bool
) -> None:
    """Its good pages go to a new load, which the other machines get in place of the damaged one."""
    land(here, *PAGES, packs=packs)
    name = f"landed/{LOAD}.ndjson.zst" if packs else NUMBERED[2]
    content = objects(store)[name]
    store.put(f"study/{name}", content[:-20] + b"x" * 19 + b"\n")

    files = pull(there)

    (mended,) = files
    assert mended.startswith(f"{LOAD}.mended-")
    assert files[mended] == (b"" if packs else b"".join(LINES[:2]))
    assert pull(here) == pull(there) == files
    assert objects(store)[f"landed/{LOAD}.ndjson.zst"] == b""


def test_a_study_that_collected_alone_is_stored_at_its_first_start(
    here: Machine, there: Machine, store: MemoryStore
) -> None:
    """The first start with TT_LANDING stores every file, complete or not, and the folder's identity."""
    other = window_load_id("climate", FINGERPRINT, DAYS, 2)
    with LandingZone(here.root) as zone:
        identity = zone.identity
        for load_id in (LOAD, other):
            with zone.writing(load_id) as writer:
                for page in PAGES:
                    writer.append(page)
                if load_id == other:
                    writer.pack()

    files = pull(here)

    assert pull(there) == files == {f"{LOAD}.ndjson": b"".join(LINES), f"{other}.ndjson.zst": b"".join(LINES)}
    assert objects(store)["identity"] == f"{identity}\n".encode()


def test_the_list_of_what_is_copied_can_be_lost(here: Machine, there: Machine, store: MemoryStore) -> None:
    """Files and objects are compared again, and nothing is stored or requested twice."""
    land(here, *PAGES[:2])
    before = objects(store)
    for path in here.root.glob("shared.sqlite*"):
        path.unlink()

    assert pull(here) == pull(there) == {f"{LOAD}.ndjson": b"".join(LINES[:2])}
    assert objects(store) == before


def test_objects_that_are_gone_are_stored_again(here: Machine, store: MemoryStore) -> None:
    """tt_pipeline empties objects and never deletes the last copy: what is missing was deleted by hand."""
    other = window_load_id("climate", FINGERPRINT, DAYS, 2)
    land(here, *PAGES)
    land(here, *PAGES, load_id=other, packs=True)
    before = objects(store)
    store.delete([f"study/{NUMBERED[1]}", f"study/landed/{other}.ndjson.zst"])

    pull(here)

    assert objects(store) == before


def test_names_that_are_not_ours_are_left(here: Machine, store: MemoryStore) -> None:
    """An object with an odd name becomes no file, and is not deleted."""
    odd = ("open/.ssh/000001.ndjson", f"open/{LOAD}/notes", "landed/README.ndjson.zst", "landed/videos/x.ndjson.zst")
    for name in odd:
        store.put(f"study/{name}", b"x")

    assert pull(here) == {}
    assert set(odd) < set(objects(store))


def test_the_lease_of_comments_brings_the_replies(here: Machine, there: Machine) -> None:
    """Replies land under the lease of the comments of their day: the next machine must not request them again."""
    day = date(2026, 10, 2)
    load_id = day_load_id(Dataset.REPLIES, day, "run")
    page = envelope(dataset=Dataset.REPLIES, subject="7", search=None)
    with there.open() as zone:
        with here.open() as first, first.writing(load_id) as writer:
            writer.append(page)
        with zone.lease(Dataset.COMMENTS, day.isoformat()):
            assert list(zone.index.subjects(Dataset.REPLIES)) == ["7"]


def test_a_load_that_another_process_writes_is_left(here: Machine, there: Machine) -> None:
    """A command that only reads does not touch the files of a collection on the same machine."""
    with here.open() as zone, zone.lease(*FOLDER), zone.writing(LOAD) as writer:
        writer.append(PAGES[0])
        land(there, PAGES[1])
        assert pull(here) == {f"{LOAD}.ndjson": LINES[0]}
    assert pull(here) == {f"{LOAD}.ndjson": b"".join(LINES[:2])}


def test_a_folder_of_another_study_is_refused(tmp_path: Path, here: Machine, store: MemoryStore) -> None:
    """Answers of two studies are never mixed, whichever of both settings is wrong; nothing is stored."""
    land(here, PAGES[0])
    other = Machine(tmp_path / "other", MemoryStore())
    land(other, PAGES[1])
    before = objects(store)
    other.store = store

    with pytest.raises(SettingsError) as caught:
        pull(other)

    assert str(caught.value) == (
        "TT_LANDING leads to the landing zone of another study (s3://answers/study)."
        f" {other.root} has answers of its own: correct TT_LANDING or TT_DATA_DIR. Nothing was sent."
    )
    assert objects(store) == before


def test_an_empty_folder_becomes_a_copy(here: Machine, there: Machine) -> None:
    """A new machine has its own identity until it sees the bucket; then both have the same one."""
    with LandingZone(there.root):
        pass
    with here.open() as zone, there.open() as copy:
        assert copy.identity == zone.identity == (there.root / "identity").read_text().strip()


class Careless(MemoryStore):
    """A store that ignores conditions."""

    def put(self, path: str, file: Any, **named: Any) -> Any:
        """Overwrite."""
        return super().put(path, file, **named | {"mode": "overwrite"})


class Versioned(MemoryStore):
    """A store that keeps old versions."""

    def put(self, path: str, file: Any, **named: Any) -> Any:
        """Return a version."""
        return {**super().put(path, file, **named), "version": "1"}


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "careless": (
        Careless,
        (
            "TT_LANDING is s3://answers/study, whose store overwrites an object although it was told not"
            " to (If-None-Match). Two machines would overwrite each other's answers: use a store with conditional"
            " writes."
        ),
    ),
    "versioned": (
        Versioned,
        (
            "TT_LANDING is s3://answers/study, a bucket that keeps the old versions of its objects. What is deleted"
            " would stay in it: use a bucket without versioning."
        ),
    ),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_a_store_that_cannot_be_shared_is_refused(tmp_path: Path, make: Callable[[], Any], message: str) -> None:
    """Before anything is stored in it."""
    machine = Machine(tmp_path / "here", make())
    with pytest.raises(SettingsError) as caught:
        pull(machine)
    assert str(caught.value) == message
    assert objects(machine.store) == {}


def test_a_ledger_of_one_machine_is_refused() -> None:
    """With a ledger of its own each machine would spend the whole quota."""
    alone = Settings(landing="s3://answers/study")
    with pytest.raises(SettingsError) as caught:
        shared_landing(alone)
    assert str(caught.value) == (
        "TT_LANDING is set, and TT_LEDGER is no database that all machines reach. Each machine would count only its own"
        " requests and spend the quota again: set TT_LEDGER=postgresql://…, or unset TT_LANDING. Nothing was sent."
    )
    shared_landing(alone.model_copy(update={"ledger": PostgresUrl("postgresql://host/quota")}))


def test_without_the_setting_nothing_is_imported() -> None:
    """Obstore costs memory and 0.1 s, and is not installed without the extra."""
    code = (
        "import sys, json; from tt_pipeline.coverage import open_workspace;"
        "from tt_pipeline.landing import shared_landing; from tt_pipeline.settings import Settings;"
        "shared_landing(Settings()); print(json.dumps(sorted(n for n in sys.modules if 'obstore' in n)))"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert json.loads(found.stdout) == []
