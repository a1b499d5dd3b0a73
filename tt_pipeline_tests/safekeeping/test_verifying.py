"""What is missing or damaged is named: an answer, the published file, a file of an export."""

from pathlib import Path

from tt_pipeline.ingestion.delivery import publish_warehouse, rebuild_warehouse
from tt_pipeline.landing import Inventory
from tt_pipeline.safekeeping import verify_exports, verify_landing, verify_published
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.ingestion.builders import DAYS, collect


def test_a_deleted_answer_is_missing(lab: Lab) -> None:
    """The published file has its records."""
    with lab.session() as session:
        collect(session, DAYS[:1])
        rebuild_warehouse(session)
        publish_warehouse(session)
        folder, published = session.files.landing, session.files.published
        assert verify_landing(folder, published).problems == ()
        (answer,) = Inventory(folder).locations()
        (folder / answer.name).unlink()

        (problem,) = verify_landing(folder, published).problems
        assert problem == f"{folder / answer.load_id} is missing; the published file has its records"


def test_a_deleted_published_file_is_missing_where_answers_have_landed(lab: Lab) -> None:
    """In a new data dir nothing is missing."""
    with lab.session() as session:
        files = session.files
        assert verify_published(files.published, files.landing).problems == ()
        collect(session, DAYS[:1])
        assert "is missing" in verify_published(files.published, files.landing).problems[0]
        files.published.write_bytes(b"no database")
        assert "is damaged" in verify_published(files.published, files.landing).problems[0]


def test_files_of_an_export_are_compared(tmp_path: Path) -> None:
    """An export that is gone is left out; a file of one that is there is missing or differs."""
    (tmp_path / "a.csv").write_text("a")
    (tmp_path / "b.csv").write_text("b")
    sums = ("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "0" * 64, "0" * 64)
    names = ("a.csv", "b.csv", "c.csv")
    lines = [f"{checksum}  {name}\n" for checksum, name in zip(sums, names, strict=True)]
    (tmp_path / "checksums.sha256").write_text("".join(lines))
    verified = verify_exports([tmp_path, tmp_path / "gone"])
    assert (verified.number, verified.problems) == (
        3,
        (f"{tmp_path / 'b.csv'} is not what was exported", f"{tmp_path / 'c.csv'} is missing"),
    )
