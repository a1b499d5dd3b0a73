"""From the landing zone to analysts: load what is new, state what is held, publish."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tt_pipeline.ingestion.desk import Books
from tt_pipeline.ingestion.statements import statements
from tt_pipeline.landing import lease
from tt_pipeline.settings import DataDir
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse import LandedFile, LoadReport, PublishReport, Writer, load_new, publish_warehouse, replace


def load_landed(books: Books, dataset: Dataset) -> LoadReport:
    """Load every whole landed line of a dataset that the warehouse does not know; again is a no-op."""
    files = [
        LandedFile(load_id=entry.load_id, path=entry.path, lines=entry.lines)
        for entry in books.zone.index.files()
        if entry.dataset is dataset
    ]
    with writing(books.files) as writer:
        return load_new(writer, files, now=books.clock.now())


def publish(books: Books) -> PublishReport:
    """State what is held, check, and replace the file that analysts open.

    Raises:
        WarehouseError: A blocking check failed; the published file is as it was.
    """
    with writing(books.files) as writer:
        for table, frame in statements(books).items():
            replace(writer, table, frame)
    with _turn(books.files):
        return publish_warehouse(books.files.writer, books.files.published, now=books.clock.now())


@contextmanager
def writing(files: DataDir) -> Iterator[Writer]:
    """The writer's file, one of ours at a time.

    Raises:
        WriterLocked: A program that is none of ours holds it.
    """
    with _turn(files), Writer(files.writer) as writer:
        yield writer


def _turn(files: DataDir) -> contextmanager:
    return lease(files.internal / "writer.lease")


def check_writer_is_free(files: DataDir) -> None:
    """Nothing is bought that cannot be loaded.

    Raises:
        WriterLocked: Another program holds the writer's file; the message says which.
    """
    if files.writer.exists():
        with writing(files):
            pass


__all__ = ["Path", "check_writer_is_free", "load_landed", "publish", "writing"]
