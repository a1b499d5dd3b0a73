"""For tests that delete: a data dir with copies of its data, and every place that has an id or a username."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self
from zipfile import ZipFile

import duckdb

from tt_pipeline.coverage import Workspace, open_workspace
from tt_pipeline.data_dir import DataDir
from tt_pipeline.duties import Deletion, DeletionReport, PurgeRequest, Selection, carry_out, select
from tt_pipeline.settings import Settings
from tt_pipeline_tests.builders import content_of
from tt_pipeline_tests.warehouse.builders import snowflake

CREATOR = "imkerin_eva"
NUMBER = 4711
VIDEO, OTHER_COMMENT = snowflake(NUMBER), snowflake(9017)
COMMENTS = [snowflake(6077), snowflake(7131)]
"""Of the video. Ids that follow each other would be found in DuckDB's files, which have the difference of two ids."""
STUDY = """\
study: What must be deleted
start: 2026-10-01
end: 2026-10-03
searches:
  climate: {hashtags: [climate]}
  green: {hashtags: [green]}
quota: {requests_per_day: 1000, confirmed: true}
"""


@dataclass(frozen=True)
class Stored:
    """A data dir with copies of its data beside it."""

    root: Path

    @property
    def settings(self) -> Settings:
        """Its settings, an hour after everything was stored."""
        return Settings(data_dir=self.root / "data", clock="2026-11-20T13:00:00+00:00@1")

    @property
    def files(self) -> DataDir:
        """Its files."""
        return self.settings.files

    @contextmanager
    def opened(self) -> Iterator[Workspace]:
        """The data dir as a command opens it."""
        with open_workspace(self.settings) as workspace:
            yield workspace

    def purge(self, **request: Any) -> DeletionReport:
        """Select and delete, as `tt purge` does."""
        with self.opened() as workspace:
            return carry_out(workspace, self.settings.study_file, deletion_of(workspace, PurgeRequest(**request)))

    def select(self, **request: Any) -> Selection:
        """What a purge would delete."""
        with self.opened() as workspace:
            return select(workspace, PurgeRequest(**request))


def deletion_of(workspace: Workspace, request: PurgeRequest) -> Deletion:
    """The deletion that `tt purge` would begin."""
    return Deletion(
        subjects=select(workspace, request).subjects,
        reason=request.reason,
        named_ids=frozenset(request.ids),
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
        if file.suffix == ".xlsx":
            content = _parts_of(file)
        if sought.is_in_bytes(content):
            yield name


def _parts_of(file: Path) -> bytes:
    """The parts of a workbook, which is compressed, with its texts as cells."""
    with ZipFile(file) as workbook:
        parts = b"".join(map(workbook.read, workbook.namelist()))
    return parts.replace(b"<t>", b'"').replace(b"</t>", b'"')


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
