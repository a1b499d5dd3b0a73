"""For tests that delete: a collected data dir, and every place that still has an id or a username."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import duckdb

from tt_pipeline.coverage import Workspace
from tt_pipeline.duties import Deletion, DeletionReport, PurgeRequest, Selection, carry_out, select
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.delivery import deliver
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline_tests.builders import content_of
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.ingestion.builders import DAYS

STUDY_FILE = "study.yaml"


def collect_everything(session: CollectionSession) -> None:
    """Collect videos, comments and profiles of three days, load and publish them."""
    for search in session.study.searches:
        collect_videos(session, search, DAYS)
    collect_users(session, DAYS)
    collect_comments(session, DAYS)
    deliver(session)


def collected(lab: Lab) -> Lab:
    """The lab after everything was collected and published."""
    with lab.session() as session:
        collect_everything(session)
    return lab


def purge(workspace: Workspace, lab: Lab, **request: object) -> DeletionReport:
    """Select and delete, as `tt purge` does."""
    asked = PurgeRequest(**request)  # type: ignore[arg-type]  # words of the test
    return carry_out(workspace, lab.folder / STUDY_FILE, deletion_of(workspace, asked, select(workspace, asked)))


def deletion_of(workspace: Workspace, asked: PurgeRequest, selection: Selection) -> Deletion:
    """The deletion that `tt purge` would begin."""
    return Deletion(
        subjects=selection.subjects,
        reason=asked.reason,
        named_ids=frozenset(asked.ids),
        begun_at=workspace.clock.now(),
        note="a test",
    )


_NUMBERS = re.compile(r"(?<!\d)\d{15,19}(?!\d)")
_NUMBERS_IN_BYTES = re.compile(rb"(?<!\d)\d{15,19}(?!\d)")


@dataclass(frozen=True)
class Sought:
    """Ids and usernames that must be nowhere."""

    ids: frozenset[int]
    names: frozenset[str]

    @classmethod
    def of(cls, words: Iterable[int | str]) -> Self:
        """Ids are numbers; usernames have no @."""
        every = list(words)
        return cls(
            ids=frozenset(word for word in every if isinstance(word, int)),
            names=frozenset(word.lower() for word in every if isinstance(word, str)),
        )

    def is_in_text(self, text: str) -> bool:
        """Whether a text has one of the ids as a whole number, or a username after an @ or as the whole text."""
        folded = text.lower()
        return any(int(number) in self.ids for number in _NUMBERS.findall(text)) or any(
            re.search(rf"(^|@|, |\[){re.escape(name)}($|[^\w.])", folded) for name in self.names if name in folded
        )

    def is_in_bytes(self, content: bytes) -> bool:
        """Whether bytes have one: as text, and ids also as a number of eight bytes."""
        if any(int(number) in self.ids for number in _NUMBERS_IN_BYTES.findall(content)):
            return True
        if any(number.to_bytes(8, order) in content for number in sorted(self.ids)[:30] for order in _ORDERS):
            return True
        folded = content.lower() if self.names else b""
        return any(
            re.search(rb"[@\"\x00-\x1f]" + re.escape(name.encode()) + rb"($|[^\w.])", folded) for name in self.names
        )


_ORDERS: tuple[Literal["big", "little"], ...] = ("big", "little")


def places_of(root: Path, words: Iterable[int | str]) -> list[str]:
    """Every file below a folder, and every column of its databases, that has one of these ids or usernames."""
    return list(_places(root, Sought.of(words)))


def _places(root: Path, sought: Sought) -> Iterator[str]:
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        name, content = file.relative_to(root).as_posix(), content_of(file)
        if content[8:12] == b"DUCK":
            yield from (f"{name}: {column}" for column in _columns_with(file, sought))
        if sought.is_in_bytes(content):
            yield name


def _columns_with(file: Path, sought: Sought) -> Iterator[str]:
    with duckdb.connect(file, read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where not internal order by all"
        ).fetchall()
        for (table,) in tables:
            for name, *_ in connection.execute(f"describe {table}").fetchall():
                texts = connection.execute(f'select distinct cast("{name}" as varchar) from {table}').fetchall()
                if any(sought.is_in_text(text) for (text,) in texts if text):
                    yield f"{table}.{name}"
