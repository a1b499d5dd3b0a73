"""A backup has everything that cannot be requested again, and a restored data dir goes on where it ended."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tt_pipeline.coverage import forget_restored
from tt_pipeline.errors import BackupUnusable, RestoredUnchecked, StorageFailed, UsageError
from tt_pipeline.ingestion.delivery import publish_warehouse, rebuild_warehouse
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import Inventory
from tt_pipeline.safekeeping import BackupReport, RestoreReport, back_up, known_backups, read_manifest, restore
from tt_pipeline.settings import Settings
from tt_pipeline.warehouse import table_counts
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.collection_lab import NOON, Lab
from tt_pipeline_tests.ingestion.builders import DAYS
from tt_pipeline_tests.warehouse.builders import make_writer_file


def collect(session: CollectionSession, *days: int) -> None:
    """Collect the first search's videos of these days of the study."""
    collect_videos(session, session.study.searches[0], [DAYS[number] for number in days])


def save(session: CollectionSession, lab: Lab, to: Path) -> BackupReport:
    """Back the lab's data dir up."""
    return back_up(session, lab.folder / "study.yaml", to, NOON)


def restored(place: Path, source: Path) -> tuple[Settings, RestoreReport]:
    """A new data dir from a backup."""
    settings = Settings(data_dir=place, study=place / "study.yaml", ledger=place / "ledger.sqlite")
    return settings, restore(settings, source)


def landed(folder: Path) -> dict[str, bytes]:
    """Every landed page of a landing folder, by file."""
    return {each.load_id: b"".join(page.line() for page in each.envelopes()) for each in Inventory(folder).locations()}


def growing_file(session: CollectionSession, content: bytes) -> Path:
    """A landed file to which pages are still added."""
    file = session.files.landing / "comments" / "2026-11-03" / "run-9.ndjson"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return file


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the data dir."""
    return tmp_path_factory.mktemp("outside")


def test_a_restored_data_dir_requests_nothing_again(lab: Lab, outside: Path) -> None:
    """Answers, ledger and study are those of the burnt machine; the warehouse has its rows, and no request is sent."""
    with lab.session() as session:
        collect(session, 0, 1)
        save(session, lab, outside / "backup")
        before, ledger = landed(session.files.landing), session.ledger.rows()
        rebuild_warehouse(session)
        rows, sent = table_counts(session.files.writer), lab.sent()

    _, report = restored(outside / "new", outside / "backup")

    assert (report.kept_study, report.kept_ledger, report.manifest.study_title) == (None, None, session.study.title)
    moved = Lab(lab.simulator, lab.base_url, outside / "new", lab.clock, runs=["first"])
    make_writer_file(outside / "new" / "internal" / "writer.duckdb")
    with moved.session() as session:
        collect(session, 0, 1)
        rebuild_warehouse(session)
        with pytest.raises(RestoredUnchecked):
            publish_warehouse(session)
        forget_restored(session.files)  # as after a refresh
        publish_warehouse(session)
        assert (landed(session.files.landing), session.ledger.rows(), lab.sent()) == (before, ledger, sent)
        assert table_counts(session.files.writer) == rows


def test_a_second_backup_copies_what_is_new(lab: Lab, outside: Path) -> None:
    """What is gone from the data dir goes from the backup too, because deletions must reach every copy."""
    with lab.session() as session:
        collect(session, 0)
        save(session, lab, outside / "backup")
        (first,) = Inventory(session.files.landing).locations()
        collect(session, 1)
        second = save(session, lab, outside / "backup")
        (session.files.landing / first.name).unlink()
        third = save(session, lab, outside / "backup")

    assert (second.copied, third.copied) == (1, 0)
    copies = {path.name for path in (outside / "backup" / "landing").rglob("*.ndjson*")}
    assert copies == {Path(name).name for name in third.manifest.below("landing")} - {"identity"}
    assert Path(first.name).name not in copies
    assert [each.folder for each in known_backups(session.files)] == [outside / "backup"]


def test_a_page_that_is_being_written_is_left_out(lab: Lab, outside: Path) -> None:
    """The copy ends at a whole line; the next backup has the rest."""
    with lab.session() as session:
        collect(session, 0)
        growing = growing_file(session, b"a whole line\nhalf a li")
        save(session, lab, outside / "backup")
        copy = outside / "backup" / "landing" / "comments" / "2026-11-03" / "run-9.ndjson"
        first = copy.read_bytes()
        growing.write_bytes(b"a whole line\nhalf a line\n")
        save(session, lab, outside / "backup")

    assert (first, copy.read_bytes()) == (b"a whole line\n", b"a whole line\nhalf a line\n")


def test_a_backup_that_is_interrupted_leaves_the_one_before_it(lab: Lab, outside: Path) -> None:
    """Until the new manifest is written, the old one and its files are a backup, although one of them has grown."""
    with lab.session() as session:
        collect(session, 0)
        growing = growing_file(session, b"{}\n")
        save(session, lab, outside / "backup")
        manifest = (outside / "backup" / "manifest.json").read_bytes()
        growing.write_bytes(b"{}\n{}\n")
        collect(session, 1)
        save(session, lab, outside / "later")
    for copied in (outside / "later" / "landing").rglob("*.ndjson*"):
        to = outside / "backup" / copied.relative_to(outside / "later")
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(copied.read_bytes())
    assert (outside / "backup" / "manifest.json").read_bytes() == manifest

    restored(outside / "new", outside / "backup")

    found = outside / "new" / "internal" / "landing"
    assert (found / "comments" / "2026-11-03" / "run-9.ndjson").read_bytes() == b"{}\n"
    assert len(list(found.rglob("*.ndjson*"))) == 2


def _without_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _of_a_later_version(folder: Path) -> None:
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**content, "format": 2}))


def _leading_out(folder: Path) -> None:
    content = json.loads((folder / "manifest.json").read_text())
    content["files"]["../outside"] = content["files"].pop(next(iter(content["files"])))
    (folder / "manifest.json").write_text(json.dumps(content))


def _cut(folder: Path) -> None:
    (folder / "manifest.json").write_text((folder / "manifest.json").read_text()[:100])


def _without_an_answer(folder: Path) -> None:
    next((folder / "landing").rglob("*.zst")).unlink()


def _with_a_wrong_byte(folder: Path) -> None:
    file = next((folder / "landing").rglob("*.zst"))
    content = file.read_bytes()
    file.write_bytes(bytes([content[0] ^ 1]) + content[1:])


UNUSABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "no manifest": (_without_manifest, "is not a backup"),
    "a later version": (_of_a_later_version, "later version"),
    "a path outside": (_leading_out, "cannot be read"),
    "a manifest that is cut": (_cut, "cannot be read"),
    "a missing answer": (_without_an_answer, "is missing"),
    "a damaged answer": (_with_a_wrong_byte, "is damaged"),
}


@pytest.mark.parametrize(("spoil", "says"), cases(UNUSABLE, "a damaged answer", "no manifest"))
def test_an_unusable_backup_changes_nothing(lab: Lab, outside: Path, spoil: Callable[[Path], None], says: str) -> None:
    """One sentence names the folder, and the data dir stays as it was."""
    with lab.session() as session:
        collect(session, 0)
        save(session, lab, outside / "backup")
    spoil(outside / "backup")

    with pytest.raises(BackupUnusable, match=says):
        restored(outside / "new", outside / "backup")
    assert not list((outside / "new").rglob("*"))


def test_a_data_dir_with_answers_is_not_replaced(lab: Lab, outside: Path) -> None:
    """A restore never mixes two data dirs."""
    with lab.session() as session:
        collect(session, 0)
        save(session, lab, outside / "backup")
    with pytest.raises(UsageError, match="has answers already"):
        restored(lab.folder, outside / "backup")


def test_a_folder_of_somebody_else_gets_no_backup(lab: Lab, outside: Path) -> None:
    """Other files, the data dir itself, and the backup of another data dir are refused; nothing is copied."""
    (outside / "notes").mkdir()
    (outside / "notes" / "mine.txt").write_text("mine")
    with lab.session() as session:
        collect(session, 0)
        with pytest.raises(UsageError, match="other files"):
            save(session, lab, outside / "notes")
        with pytest.raises(UsageError, match="in the data dir"):
            save(session, lab, lab.folder / "backup")
        save(session, lab, outside / "backup")
        manifest = json.loads((outside / "backup" / "manifest.json").read_text())
        (outside / "backup" / "manifest.json").write_text(json.dumps({**manifest, "landing_id": "another"}))
        with pytest.raises(BackupUnusable, match="another data dir"):
            save(session, lab, outside / "backup")
    assert [path.name for path in (outside / "notes").iterdir()] == ["mine.txt"]


def test_a_full_disk_keeps_the_backup_before_it(lab: Lab, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence names the folder; the earlier backup can be restored."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with lab.session() as session:
        collect(session, 0)
        save(session, lab, outside / "backup")
        collect(session, 1)
        with monkeypatch.context() as patched:
            patched.setattr("tt_pipeline.landing.copying.os.fsync", full)
            with pytest.raises(StorageFailed, match="No space left"):
                save(session, lab, outside / "backup")
    assert len(read_manifest(outside / "backup").below("landing")) == 2
    restored(outside / "new", outside / "backup")


def test_the_study_and_the_ledger_that_are_there_are_kept(lab: Lab, outside: Path) -> None:
    """They can be newer than the backup: a lost disk need not have had them."""
    with lab.session() as session:
        collect(session, 0)
        save(session, lab, outside / "backup")
    (outside / "new").mkdir()
    (outside / "new" / "study.yaml").write_text("mine")
    _, report = restored(outside / "new", outside / "backup")

    assert report.kept_study == outside / "new" / "study.yaml"
    assert (outside / "new" / "study.yaml").read_text() == "mine"
    assert (outside / "new" / "ledger.sqlite").exists()


def test_value_files_of_the_study_are_kept_too(lab: Lab, outside: Path) -> None:
    """Files below the study's folder that it names."""
    lab.study = lab.study.replace("{hashtags: [climate, klima]}", "{hashtags: {file: lists/tags.txt}}")
    (lab.folder / "lists").mkdir()
    (lab.folder / "lists" / "tags.txt").write_text("climate\n")
    with lab.session() as session:
        collect(session, 0)
        save(session, lab, outside / "backup")
    restored(outside / "new", outside / "backup")
    assert (outside / "new" / "lists" / "tags.txt").read_text() == "climate\n"


def test_the_age_of_a_backup_counts_from_the_last_whole_one(lab: Lab, outside: Path) -> None:
    """A later one is newer; the folder is recorded before anything is written to it."""
    with lab.session() as session:
        collect(session, 0)
        save(session, lab, outside / "backup")
        back_up(session, lab.folder / "study.yaml", outside / "backup", NOON + timedelta(days=3))
        (known,) = known_backups(session.files)
    assert known.made_at == NOON + timedelta(days=3)
