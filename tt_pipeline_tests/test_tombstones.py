"""What was deleted is recognised later, in every process, and a damaged record of it stops everything."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tt_pipeline.errors import NewerFile, StorageFailed, TombstonesUnusable
from tt_pipeline.tombstones import DeletionReason, Kind, Tombstones
from tt_pipeline_tests.failing_disks import files_no_larger_than

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
VIDEO, COMMENT = 7692239745136459777, 7692239745136459999


def marked(folder: Path, *videos: int, reason: DeletionReason = DeletionReason.TAKEDOWN) -> Tombstones:
    """Tombstones of these videos."""
    stones = Tombstones.of(folder)
    stones.add({Kind.VIDEO: videos}, reason, NOW)
    return stones


def test_what_was_deleted_is_recognised(tmp_path: Path) -> None:
    """A video is not a comment of the same number, and usernames are compared without @ and case."""
    stones = Tombstones.of(tmp_path)
    assert stones.add({Kind.VIDEO: [VIDEO, VIDEO], Kind.USER: ["@Lena"]}, DeletionReason.TAKEDOWN, NOW) == 2

    deleted = Tombstones.of(tmp_path).deleted
    assert (deleted.video(VIDEO), deleted.comment(VIDEO), deleted.video(COMMENT)) == (True, False, False)
    assert (deleted.user("lena"), deleted.creator("\uff20LENA"), deleted.user("lena2")) == (True, True, False)


def test_no_file_says_what_was_deleted(tmp_path: Path) -> None:
    """Lines have kind, reason, time and a hash; the key is in a file that only the owner can read."""
    stones = Tombstones.of(tmp_path)
    stones.add({Kind.VIDEO: [VIDEO], Kind.USER: ["lena"]}, DeletionReason.GONE, NOW)

    lines = [json.loads(line) for line in stones.file.read_text().splitlines()]
    assert [(line["kind"], line["reason"], len(line["hmac"])) for line in lines] == [
        ("video", "gone", 64),
        ("user", "gone", 64),
    ]
    assert not any(word in stones.file.read_text() for word in (str(VIDEO), "lena"))
    assert [f"{path.stat().st_mode & 0o777:o}" for path in (stones.file, stones.key_file)] == ["600", "600"]


def test_only_a_takedown_forbids_for_ever(tmp_path: Path) -> None:
    """What a search or some days lost may be collected again; answers that came before the deletion may not have it."""
    marked(tmp_path, VIDEO)
    stones = marked(tmp_path, COMMENT, reason=DeletionReason.SEARCH)

    assert (stones.taken_down.video(VIDEO), stones.taken_down.video(COMMENT)) == (True, False)
    hour = timedelta(hours=1)
    before, after = (stones.deleted.in_answer_of(NOW + span) for span in (-hour, hour))
    assert [(each.video(VIDEO), each.video(COMMENT)) for each in (before, after)] == [(True, True), (True, False)]


def test_a_second_deletion_is_remembered_too(tmp_path: Path) -> None:
    """What was collected between two deletions with the same reason is removed by the second."""
    stones = marked(tmp_path, VIDEO, reason=DeletionReason.SEARCH)
    later, between = NOW + timedelta(days=9), NOW + timedelta(days=3)
    assert stones.add({Kind.VIDEO: [VIDEO]}, DeletionReason.SEARCH, later) == 1
    assert stones.add({Kind.VIDEO: [VIDEO]}, DeletionReason.SEARCH, later) == 0
    assert Tombstones.of(tmp_path).deleted.in_answer_of(between).video(VIDEO)


def test_other_reasons_do_not_undo_a_takedown(tmp_path: Path) -> None:
    """Whatever comes later, a takedown counts until it is taken back."""
    stones = marked(tmp_path, VIDEO)
    stones.add({Kind.VIDEO: [VIDEO]}, DeletionReason.GONE, NOW + timedelta(days=1))
    assert Tombstones.of(tmp_path).taken_down.video(VIDEO)


def test_a_takedown_can_be_taken_back(tmp_path: Path) -> None:
    """It may be collected again, and older answers still lose it; a second takedown counts again."""
    stones = marked(tmp_path, VIDEO, COMMENT)
    assert stones.forget({Kind.VIDEO: [VIDEO], Kind.USER: ["lena"]}, NOW) == 1
    assert stones.forget({Kind.VIDEO: [VIDEO]}, NOW) == 0

    again = Tombstones.of(tmp_path)
    assert (again.taken_down.video(VIDEO), again.taken_down.video(COMMENT)) == (False, True)
    assert again.deleted.in_answer_of(NOW - timedelta(days=1)).video(VIDEO)

    again.add({Kind.VIDEO: [VIDEO]}, DeletionReason.TAKEDOWN, NOW + timedelta(days=1))
    assert Tombstones.of(tmp_path).taken_down.video(VIDEO)


def test_what_is_not_a_takedown_cannot_be_taken_back(tmp_path: Path) -> None:
    """Only a request of a person is taken back."""
    assert marked(tmp_path, VIDEO, reason=DeletionReason.BELOW).forget({Kind.VIDEO: [VIDEO]}, NOW) == 0


def test_taking_nothing_back_writes_nothing(tmp_path: Path) -> None:
    """A data dir from which nothing was deleted has neither tombstones nor a key."""
    assert Tombstones.of(tmp_path).forget({Kind.VIDEO: [VIDEO]}, NOW) == 0
    assert {path.name for path in tmp_path.iterdir()} <= {"tombstones.lock"}


def test_another_process_is_noticed(tmp_path: Path) -> None:
    """A refresh reads what was added and what was taken back elsewhere."""
    here = Tombstones.of(tmp_path)
    there = marked(tmp_path, VIDEO)
    assert not here
    here.refresh()
    assert here.taken_down.video(VIDEO)
    there.forget({Kind.VIDEO: [VIDEO]}, NOW)
    here.refresh()
    assert not here.taken_down.video(VIDEO)


def test_a_line_that_was_torn_is_left_out_and_written_over(tmp_path: Path) -> None:
    """A process that is killed while it writes leaves the tombstones before it usable."""
    stones = marked(tmp_path, VIDEO)
    with stones.file.open("a") as file:
        file.write('{"version": 1, "kind": "vid')

    assert len(Tombstones.of(tmp_path)) == 1
    assert len(marked(tmp_path, COMMENT)) == 2


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{}", "line 2 is damaged"),
        ("[]", "line 2 is damaged"),
        ('{"version": 1, "kind": "film", "hmac": "", "reason": "gone", "deleted_at": "x"}', "line 2 is damaged"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_damaged_line_stops_everything(tmp_path: Path, line: str, problem: str) -> None:
    """The message says which line, and what to do; the file stays as it was."""
    stones = marked(tmp_path, VIDEO)
    with stones.file.open("ab") as file:
        file.write(line.encode("utf-8", "surrogateescape") + b"\n")
    before = stones.file.read_bytes()

    with pytest.raises(TombstonesUnusable, match=problem):
        Tombstones.of(tmp_path)
    with pytest.raises(TombstonesUnusable, match="Put it back from a backup"):
        stones.add({Kind.VIDEO: [COMMENT]}, DeletionReason.GONE, NOW)
    assert stones.file.read_bytes() == before


def test_a_later_version_is_refused(tmp_path: Path) -> None:
    """A later tt_pipeline may have written what this one does not understand."""
    stones = marked(tmp_path, VIDEO)
    with stones.file.open("a") as file:
        file.write('{"version": 2}\n')
    with pytest.raises(NewerFile):
        Tombstones.of(tmp_path)


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        (None, 0o600, "is missing"),
        ("", 0o600, "is damaged"),
        ("beef\n", 0o600, "is damaged"),
        ("é", 0o600, "cannot be read"),
        ("ab" * 32, 0o640, "other users can read it; type `chmod 600"),
        ("ab" * 32, 0o604, "other users can read it; type `chmod 600"),
    ],
)
def test_a_key_that_cannot_be_used_stops_everything(
    tmp_path: Path, content: str | None, mode: int, problem: str
) -> None:
    """Without its key nobody knows what was deleted."""
    key_file = marked(tmp_path, VIDEO).key_file
    if content is None:
        key_file.unlink()
    else:
        key_file.write_text(content)
        key_file.chmod(mode)
    with pytest.raises(TombstonesUnusable, match=problem):
        Tombstones.of(tmp_path)


def test_a_second_file_outlives_the_data_dir(tmp_path: Path) -> None:
    """A new data dir knows what was deleted from the lost one, and writes its own file at the next deletion."""
    copy = tmp_path / "elsewhere" / "stones"
    first = Tombstones.of(tmp_path / "lost", copy)
    first.add({Kind.VIDEO: [VIDEO]}, DeletionReason.TAKEDOWN, NOW)
    assert sorted(path.name for path in copy.parent.iterdir()) == ["stones", "stones.key"]
    assert copy.with_name("stones.key").stat().st_mode & 0o777 == 0o600

    second = Tombstones.of(tmp_path / "new", copy)
    assert second.taken_down.video(VIDEO)
    second.add({Kind.VIDEO: [COMMENT]}, DeletionReason.GONE, NOW)

    assert len(Tombstones.of(tmp_path / "new")) == len(Tombstones.of(tmp_path / "lost", copy)) == 2


def test_a_second_file_that_was_not_there_is_completed(tmp_path: Path) -> None:
    """What was deleted before TT_TOMBSTONES was set, or while its disk was away, is written there too."""
    marked(tmp_path, VIDEO)
    copy = tmp_path / "elsewhere" / "stones"
    Tombstones.of(tmp_path, copy).add({Kind.VIDEO: [VIDEO]}, DeletionReason.TAKEDOWN, NOW)
    assert copy.read_text() == (tmp_path / "tombstones.jsonl").read_text()


def test_a_second_file_with_another_key_is_refused(tmp_path: Path) -> None:
    """It belongs to another data dir."""
    copy = tmp_path / "elsewhere"
    Tombstones.of(tmp_path / "other", copy).add({Kind.VIDEO: [VIDEO]}, DeletionReason.TAKEDOWN, NOW)
    marked(tmp_path / "data", VIDEO)
    with pytest.raises(TombstonesUnusable, match="its key is not the one of this data dir"):
        Tombstones.of(tmp_path / "data", copy)


def test_tombstones_of_a_backup_are_added(tmp_path: Path) -> None:
    """Those of the backup and those of the data dir count; what was taken back since stays so."""
    ours = marked(tmp_path / "data", VIDEO, COMMENT)
    backup = tmp_path / "backup"
    backup.mkdir()
    for file in (ours.file, ours.key_file):
        (backup / file.name).write_bytes(file.read_bytes())
        (backup / file.name).chmod(0o600)
    ours.forget({Kind.VIDEO: [VIDEO]}, NOW + timedelta(days=1))
    theirs = Tombstones.of(backup)
    theirs.add({Kind.USER: ["lena"]}, DeletionReason.TAKEDOWN, NOW)

    assert (ours.merge(theirs.file), ours.merge(theirs.file)) == (1, 0)
    again = Tombstones.of(tmp_path / "data").taken_down
    assert (again.video(VIDEO), again.video(COMMENT), again.user("lena")) == (False, True, True)


def test_tombstones_of_another_data_dir_are_not_added(tmp_path: Path) -> None:
    """Their hashes mean something else."""
    ours, others = marked(tmp_path / "data", VIDEO), marked(tmp_path / "other", VIDEO)
    with pytest.raises(TombstonesUnusable, match="its key is not that of"):
        ours.merge(others.file)


def test_a_full_disk_leaves_the_file_usable(tmp_path: Path) -> None:
    """The deletion has not begun, and can be begun again."""
    stones = marked(tmp_path, VIDEO)
    with files_no_larger_than(stones.file.stat().st_size + 20), pytest.raises(StorageFailed):
        stones.add({Kind.VIDEO: [COMMENT]}, DeletionReason.GONE, NOW)
    assert len(Tombstones.of(tmp_path)) == 1
    assert len(marked(tmp_path, COMMENT)) == 2


def test_a_second_file_that_cannot_be_written_is_completed_later(tmp_path: Path) -> None:
    """The message names it; the same deletion, begun again, writes there what is missing."""
    place = tmp_path / "disk"
    place.write_text("not a folder")
    stones = Tombstones.of(tmp_path / "data", None)
    stones.copy = place / "stones"
    with pytest.raises(StorageFailed, match="disk/stones"):
        stones.add({Kind.VIDEO: [VIDEO]}, DeletionReason.GONE, NOW)

    place.unlink()
    stones.add({Kind.VIDEO: [VIDEO]}, DeletionReason.GONE, NOW)
    assert Tombstones.of(tmp_path / "new", stones.copy).deleted.video(VIDEO)


def test_a_signature_needs_the_key(tmp_path: Path) -> None:
    """Two data dirs sign the same text differently, and one signs it the same way each time."""
    first, second = Tombstones.of(tmp_path / "a"), Tombstones.of(tmp_path / "b")
    assert first.sign("text") == Tombstones.of(tmp_path / "a").sign("text") != second.sign("text")
