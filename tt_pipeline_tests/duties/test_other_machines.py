"""What one machine deletes, every machine deletes that shares its landing zone, and none stores it again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from obstore.store import MemoryStore

from tt_pipeline.coverage import workspace
from tt_pipeline.duties import is_under_way, refresh_state, resume
from tt_pipeline.duties.deletion import follow_others
from tt_pipeline.duties.returned_copies import clean_returned
from tt_pipeline.errors import SharedLandingFailed, TombstonesUnusable
from tt_pipeline.landing.bucket import Bucket
from tt_pipeline.landing.bucket_tombstones import BucketTombstones
from tt_pipeline.landing.object_store import ObjectStore
from tt_pipeline.tombstones import DeletionReason, Kind, Tombstones
from tt_pipeline_tests.duties.builders import COMMENTS, CREATOR, VIDEO, Stored, places_of
from tt_pipeline_tests.duties.conftest import copied
from tt_pipeline_tests.landing.machines import PLACE, Fate, Watched, objects
from tt_pipeline_tests.warehouse.builders import snowflake

pytestmark = pytest.mark.journey

WORDS: list[int | str] = [VIDEO, *COMMENTS, CREATOR]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """The bucket that all data dirs of a test share."""
    shared = MemoryStore()
    monkeypatch.setattr(workspace, "shared_landing", lambda _: lambda root: Bucket(root, seen(shared)))
    monkeypatch.setattr(workspace, "shared_tombstones", lambda _: BucketTombstones(seen(shared)))
    return shared


def seen(store: Any) -> ObjectStore:
    """A bucket as a machine sees it."""
    return ObjectStore(store=store, prefix="study", place=PLACE, sleep=lambda _: None)


@pytest.fixture
def machines(store: MemoryStore, stored_once: Stored, tmp_path: Path) -> tuple[Stored, Stored]:
    """Two machines that have the same, each with copies of its own."""
    found = copied(stored_once, tmp_path / "a"), copied(stored_once, tmp_path / "b")
    for machine in found:
        with machine.opened():
            pass
    assert any("videos/" in name for name in objects(store))
    return found


def follow(machine: Stored) -> list[str]:
    """What a refresh does first."""
    with machine.opened() as opened:
        said = follow_others(opened, machine.settings.study_file)
        return said + clean_returned(opened, machine.settings.study_file)


def test_what_one_machine_deletes_is_nowhere_on_the_other(machines: tuple[Stored, Stored]) -> None:
    """Answers, warehouse, published file, exports, backup, logs: as if it had been deleted there."""
    first, second = machines
    assert places_of(second.root, WORDS)
    first.purge(usernames=(CREATOR,))
    with second.opened() as opened:
        assert refresh_state(opened).is_anything_due

    assert follow(second)[0] == "What another machine has deleted was deleted here too."

    assert places_of(second.root, WORDS) == places_of(first.root, WORDS)
    assert (follow(second), follow(first)) == ([], [])


def test_no_machine_stores_again_what_another_has_deleted_on_request(machines: tuple[Stored, Stored]) -> None:
    """Also while it is collecting: a machine that is open learns of a deletion before it stores its next page."""
    first, second = machines
    with second.opened() as opened:
        assert not opened.tombstones.taken_down.user(CREATOR)
        first.purge(usernames=(CREATOR,))
        opened.tombstones.refresh()
        assert opened.tombstones.taken_down.user(CREATOR)


def test_a_deletion_is_not_complete_before_the_others_can_know_it(
    machines: tuple[Stored, Stored], monkeypatch: pytest.MonkeyPatch, store: MemoryStore
) -> None:
    """If the bucket cannot be reached, the deletion waits, and goes on when it can."""
    first, second = machines
    cut_off = Watched(store, Fate(steps=3, is_killed=False), is_store=True)
    with monkeypatch.context() as patch:
        patch.setattr(workspace, "shared_tombstones", lambda _: BucketTombstones(seen(cut_off)))
        with pytest.raises(SharedLandingFailed):
            first.purge(ids=(VIDEO,))
    assert is_under_way(first.files)

    with first.opened() as opened:
        resume(opened, first.settings.study_file)
    follow(second)

    assert places_of(second.root, [VIDEO]) == places_of(first.root, [VIDEO])


def test_a_new_machine_has_the_tombstones_of_the_others(machines: tuple[Stored, Stored], tmp_path: Path) -> None:
    """Its first start takes their key over, so that it recognises what they have deleted."""
    first, _ = machines
    first.purge(usernames=(CREATOR,))
    (tmp_path / "c" / "data").mkdir(parents=True)
    third = Stored(tmp_path / "c")
    third.settings.study_file.write_text(first.settings.study_file.read_text())

    follow(third)

    own = Tombstones.of(third.files.internal)
    assert own.taken_down.user(CREATOR)
    assert {*own} == {*Tombstones.of(first.files.internal)}
    assert places_of(third.root, WORDS) == []


def test_a_data_dir_with_another_key_is_refused(machines: tuple[Stored, Stored]) -> None:
    """It deleted something before it was shared: nobody could recognise what the others have deleted."""
    first, second = machines
    Tombstones.of(second.files.internal).add({Kind.VIDEO: [1]}, DeletionReason.GONE, second.settings.open_clock().now())
    first.purge(ids=(VIDEO,))
    with pytest.raises(TombstonesUnusable, match=r"tombstones\.jsonl cannot be used: its key is not the one"):
        follow(second)


def test_two_machines_that_delete_at_once_lose_no_tombstone(machines: tuple[Stored, Stored]) -> None:
    """Each has read the list before the other changes it."""
    first, second = machines
    at = first.settings.open_clock().now()
    with first.opened() as one, second.opened() as two:
        one.tombstones.add({Kind.VIDEO: [1]}, DeletionReason.GONE, at)
        two.tombstones.add({Kind.VIDEO: [2]}, DeletionReason.GONE, at)
        one.tombstones.add({Kind.VIDEO: [3]}, DeletionReason.GONE, at)
        two.tombstones.refresh()
        assert [two.tombstones.deleted.video(each) for each in (1, 2, 3, 4)] == [True, True, True, False]


def test_a_deletion_of_ones_own_does_not_hide_that_of_another(machines: tuple[Stored, Stored]) -> None:
    """A machine that deletes something before it has followed the others still deletes in its copies what they have."""
    first, second = machines
    first.purge(ids=(VIDEO,))
    second.purge(ids=(snowflake(3),))

    assert follow(second)
    assert places_of(second.root, [VIDEO, *COMMENTS, snowflake(3)]) == []
    assert follow(first)
    assert places_of(first.root, [VIDEO, *COMMENTS, snowflake(3)]) == []


def test_a_takedown_that_is_taken_back_is_no_deletion(machines: tuple[Stored, Stored]) -> None:
    """Another machine may collect it again, and has nothing to delete."""
    first, second = machines
    first.purge(usernames=(CREATOR,))
    follow(second)
    with first.opened() as opened:
        assert opened.tombstones.forget({Kind.USER: [CREATOR]}, opened.clock.now() + timedelta(hours=1)) == 1
    with second.opened() as opened:
        assert not opened.tombstones.taken_down.user(CREATOR)
    assert follow(second) == []
