"""Notes how many videos or accounts of a day have which status, so that nobody reads the records of old days again.

Whoever reads a day first marks it (`begin`), and writes the note afterwards (`write`). SQLite itself deletes the row of
a day in the transaction that adds or deletes a page which could change it (the triggers in `NOTES_SCHEMA`). So a page
that lands between `begin` and `write` takes the mark away, and nothing is noted.
"""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from tt_pipeline.sqlite_file import SqliteFile
from tt_pipeline.vocabulary import Dataset

MISSING_ACCOUNTS: Final = "missing_accounts"
"""The key of a note on profiles that has the number of accounts without a current profile, if there is any."""

_OF_FILE: Final = "(select {column} from files where file = {row}.file)"
_IN_WINDOW: Final = (
    f"day between {_OF_FILE.format(column='window_from', row='{row}')}"
    f" and {_OF_FILE.format(column='window_to', row='{row}')}"
)
_ORDINAL: Final = "cast(julianday(substr({row}.fetched_at, 1, 10)) - 1721424.5 as integer)"


def _trigger(name: str, event: str, row: str, condition: str, deleted: str) -> str:
    return f"""
create trigger if not exists {name} after {event} when {condition.format(row=row)} begin
  delete from day_notes where {deleted.format(row=row)};
end;
"""


_VIDEOS: Final = "{row}.dataset = 'videos'"
_COMMENTS: Final = "{row}.dataset in ('comments', 'replies')"
_USERS: Final = "{row}.dataset = 'users'"
_UNREAD_COMMENTS: Final = f"{_OF_FILE.format(column='dataset', row='{row}')} in ('comments', 'replies')"
_UNREAD_USERS: Final = f"{_OF_FILE.format(column='dataset', row='{row}')} = 'users'"
_COMMENTS_OF_WINDOW: Final = f"dataset = 'comments' and {_IN_WINDOW}"
_OF_USERS: Final = "dataset = 'users'"
# A profile belongs to every day that names the account. One that ended well changes only days that lack an account,
# and days after its own.
_CHANGED_BY_PROFILE: Final = (
    "dataset = 'users' and ({row}.ends is null or {row}.ends in ('unavailable', 'list_missing')"
    f" or day > {_ORDINAL} or json_extract(counts, '$.{MISSING_ACCOUNTS}') is not null)"
)

NOTES_SCHEMA: Final = """
create table if not exists day_notes (
  dataset text not null,
  day integer not null,
  rules text not null,
  token text not null,
  counts text,
  primary key (dataset, day, rules)
) without rowid;
""" + "".join(
    _trigger(*each)
    for each in (
        ("videos_landed", "insert on pages", "new", _VIDEOS, _IN_WINDOW),
        ("videos_forgotten", "delete on pages", "old", _VIDEOS, _IN_WINDOW),
        ("comments_landed", "insert on pages", "new", _COMMENTS, _COMMENTS_OF_WINDOW),
        ("comments_forgotten", "delete on pages", "old", _COMMENTS, _COMMENTS_OF_WINDOW),
        ("profile_landed", "insert on pages", "new", _USERS, _CHANGED_BY_PROFILE),
        ("profile_forgotten", "delete on pages", "old", _USERS, _OF_USERS),
        ("comments_unread", "insert on unread", "new", _UNREAD_COMMENTS, _COMMENTS_OF_WINDOW),
        ("comments_read", "delete on unread", "old", _UNREAD_COMMENTS, _COMMENTS_OF_WINDOW),
        ("profiles_unread", "insert on unread", "new", _UNREAD_USERS, _OF_USERS),
        ("profiles_read", "delete on unread", "old", _UNREAD_USERS, _OF_USERS),
    )
)


@dataclass(frozen=True, slots=True)
class DayNote:
    """What was noted about a day.

    Attributes:
        token: Differs after each change of the day's pages.
        counts: Number of subjects by status.
    """

    token: str
    counts: Mapping[str, int]


class DayNotes:
    """The table of an index; a row counts for the rules under which it was written."""

    def __init__(self, file: SqliteFile) -> None:
        """Use the index in this file."""
        self._file = file

    def read(self, dataset: Dataset, rules: str) -> dict[date, DayNote]:
        """The notes of a dataset under these rules."""
        query = "select day, token, counts from day_notes where dataset = ? and rules = ? and counts is not null"
        with self._file.reading() as db:
            rows = db.execute(query, (dataset.value, rules)).fetchall()
        return {date.fromordinal(day): DayNote(token, json.loads(counts)) for day, token, counts in rows}

    def begin(self, dataset: Dataset, rules: str, days: Iterable[date]) -> str:
        """Mark days before their records are read; rows of other rules are deleted. Returns the token of the marks."""
        token = uuid.uuid4().hex
        rows = [(dataset.value, day.toordinal(), rules, token) for day in days]
        with self._file.writing() as db:
            db.execute("delete from day_notes where dataset = ? and rules <> ?", (dataset.value, rules))
            db.executemany("insert or replace into day_notes values (?, ?, ?, ?, null)", rows)
        return token

    def write(self, dataset: Dataset, rules: str, token: str, counts: Mapping[date, Mapping[str, int]]) -> None:
        """Write the notes of marked days; a day whose pages have changed meanwhile gets none."""
        update = "update day_notes set counts = ? where dataset = ? and day = ? and rules = ? and token = ?"
        rows = [(json.dumps(of_day), dataset.value, day.toordinal(), rules, token) for day, of_day in counts.items()]
        with self._file.writing() as db:
            db.executemany(update, rows)

    def forget(self) -> None:
        """Delete every note."""
        with self._file.writing() as db:
            db.execute("delete from day_notes")
