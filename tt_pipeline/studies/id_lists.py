"""Lists of video ids as people publish them: plain lines, or a CSV with or without a header.

`value_files.py` reads the lists that a study names, in which every line must be a value.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from tt_pipeline.errors import StudyError, UsageError
from tt_pipeline.ids import upload_date
from tt_pipeline.links import video_id_in
from tt_pipeline.studies.source import read_text
from tt_pipeline.studies.wording import visible
from tt_pipeline.vocabulary import VideoId

_FIRST_ROWS: Final = 20
"""That tell whether a column has ids."""
_LARGEST: Final = 256 * 1024**2
_DELIMITERS: Final = ",;\t|"
_NAMES: Final = ("video_id", "videoid", "id", "item_id", "aweme_id", "url", "video_url", "link", "share_url")
"""Names of the column with the ids, the surest first; other columns can have ids of sounds or accounts."""
_HOW: Final = "Write one id or link of a video on each line, or a CSV with a column named video_id."
_FEWEST_ROUNDED: Final = 10
_SPREADSHEET: Final = 10_000  # Excel keeps 15 digits of the 19 …
_FLOAT: Final = 1_024  # … and R and JavaScript the highest 53 bits of the 63.


@dataclass(frozen=True, slots=True, kw_only=True)
class IdList:
    """The ids in a file.

    Attributes:
        ids: Ascending, each once.
        repeated: Lines whose id an earlier line has.
        bad_lines: Numbers of the lines that have no id of a video.
    """

    file: Path
    ids: tuple[VideoId, ...]
    repeated: int
    bad_lines: tuple[int, ...]

    @property
    def is_rounded(self) -> bool:
        """Whether most ids end as a spreadsheet, R or JavaScript rounds them; nothing is found for such an id."""
        rounded = sum(each % _SPREADSHEET == 0 or each % _FLOAT == 0 for each in self.ids)
        return len(self.ids) >= _FEWEST_ROUNDED and rounded > len(self.ids) / 2


def read_id_list(file: Path, *, today: date) -> IdList:
    """The ids of a file.

    Args:
        file: A text with one id or link on each line, or a CSV.
        today: An id of a later day is none.

    Raises:
        StudyError: The file is missing, a folder, not readable, not text, or has no id.
    """
    if file.is_dir():
        raise StudyError(file, None, "", "is a folder; name the file that has the ids.")
    text = read_text(
        file, largest=_LARGEST, too_large="Keep only the column with the ids.", remedy=f"The folder is {Path.cwd()}."
    )
    if not text.strip():
        raise StudyError(file, None, "", f"is empty. {_HOW}")
    found, bad = [], []
    for line, cell in _cells(text, today):
        video_id = _id_in(cell, today)
        if video_id is None:
            bad.append(line)
        else:
            found.append(video_id)
    if not found:
        raise StudyError(file, None, "", f"has no id of a video. {_HOW}")
    ids = tuple(sorted(set(found)))
    return IdList(file=file, ids=ids, repeated=len(found) - len(ids), bad_lines=tuple(bad))


def _cells(text: str, today: date) -> Iterator[tuple[int, str]]:
    """The cells that should have an id, with the number of their line."""
    rows = list(_rows(text))
    if not rows:
        return
    column, is_header = _column(rows, today)
    body = rows[1:] if is_header else rows
    if column is None and len(body) == 1:  # all ids in one line
        line, row = body[0]
        cells = [cell.strip().strip("[]") for cell in row]
        yield from ((line, cell) for cell in [each for each in cells if _id_in(each, today)] or cells[:1])
        return
    for line, row in body:
        if column is None:
            column = _first_id(row, today)
        yield line, row[column or 0] if (column or 0) < len(row) else ""


def _column(rows: Sequence[tuple[int, list[str]]], today: date) -> tuple[int | None, bool]:
    """The column that has the ids, if its name tells, and whether the first row is a header."""
    head = rows[0][1]
    named = _columns_named(head)
    with_ids = (each for each in named if any(_id_in(_cell(row, each), today) for _, row in rows[1:_FIRST_ROWS]))
    column = next(with_ids, next(iter(named), None))
    is_header = column is not None or (_first_id(head, today) is None and not head[0].strip().strip("[]'\"").isdigit())
    return column, is_header


def _cell(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else ""


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV with the number of their first line; blank lines and lines that start with # are left out."""
    text = text.replace("\0", "?")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    delimiter = max(_DELIMITERS, key=lines[0].count) if lines else ","
    csv.field_size_limit(_LARGEST)
    try:
        rows = list(_read(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)))
    except csv.Error:  # a quote that is never closed would swallow all lines after it
        rows = list(_read(csv.reader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE)))
    return iter(rows)


def _read(reader: Any) -> Iterator[tuple[int, list[str]]]:
    begins = 1
    for row in reader:
        line, begins = begins, reader.line_num + 1
        if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#"):
            yield line, row


def _columns_named(head: Sequence[str]) -> list[int]:
    """The columns whose names say that they have ids, the surest first."""
    names = [visible(cell).strip().lower().replace(" ", "_") for cell in head]
    return [names.index(name) for name in _NAMES if name in names]


def _first_id(row: Sequence[str], today: date) -> int | None:
    return next((number for number, cell in enumerate(row) if _id_in(cell, today)), None)


def _id_in(cell: str, today: date) -> VideoId | None:
    try:
        video_id = video_id_in(visible(cell).strip().strip("'\"").strip())
    except UsageError:
        return None
    return video_id if upload_date(video_id) <= today else None
