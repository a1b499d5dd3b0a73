"""Which videos, comments and accounts a purge means, and how many rows of which table they have.

A video takes its comments with it; an account its videos, and a creator of whom no stored video is left loses the
profile that was requested for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import duckdb

from tt_pipeline.coverage import Workspace
from tt_pipeline.duties.copies import copies_with
from tt_pipeline.erased_subjects import NamedSubjects, plain_username
from tt_pipeline.errors import UsageError
from tt_pipeline.ids import id_number
from tt_pipeline.ingestion import load_landed, on_writer
from tt_pipeline.tombstones import DeletionReason
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse import TABLES, Table, Writer

_VIDEO_TABLES: Final = (
    "core.video_snapshots",
    "core.videos",
    "core.listed_video_snapshots",
    "core.playlist_video_snapshots",
)
_COMMENT_TABLES: Final = ("core.comment_snapshots", "core.comments")
_KNOWN_USERS: Final = """
select username from core.videos union select username from core.video_versions
union select username from core.user_snapshots union select username from core.video_mentions
union select follower from core.follow_snapshots union select followed from core.follow_snapshots
union select username from core.list_snapshots union select username from core.playlist_snapshots
"""
_OTHER_NAMES: Final = """
select lower(username) from core.renamed_handles where creator_id in (
  select creator_id from core.renamed_handles where lower(username) in (select unnest($users))
)
"""
_KEYS: Final[Mapping[str, str]] = {
    "video_id": "erased_videos",
    "comment_id": "erased_comments",
    "username": "erased_users",
    "follower": "erased_users",
    "followed": "erased_users",
}
"""The columns that say whose row it is."""
_PROFILES: Final = frozenset({"core.users", "core.user_snapshots"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeRequest:
    """What a person wants to have deleted: ids and usernames, or all of a search, or all of some days.

    Attributes:
        ids: Of videos or comments.
        usernames: With or without @.
        search: Name of a search, also of one that the study no longer has.
        days: First and last UTC day on which videos were posted.
    """

    ids: tuple[int, ...] = ()
    usernames: tuple[str, ...] = ()
    search: str | None = None
    days: tuple[date, date] | None = None

    @property
    def reason(self) -> DeletionReason:
        """Why it is deleted: what was named by id or username was asked for, and is never stored again."""
        if self.search is not None:
            return DeletionReason.SEARCH
        return DeletionReason.DAYS if self.days else DeletionReason.TAKEDOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a purge deletes.

    Attributes:
        rows: Rows of each table of the warehouse that it has, without tables that have none.
        unknown: Ids and usernames of the request that are not stored here.
        also_named: Other usernames that the named accounts had or have; they are deleted only if they are named too,
            because somebody else can have taken over a username.
    """

    subjects: NamedSubjects
    rows: Mapping[str, int]
    unknown: tuple[str, ...]
    also_named: tuple[str, ...] = ()


def select(workspace: Workspace, request: PurgeRequest) -> Selection:
    """Find what a request means, after everything that has landed is loaded.

    Raises:
        UsageError: The search does not exist.
        WriterLocked: Another program has the warehouse open for writing.
    """
    load_landed(workspace, *Dataset)
    selection = on_writer(workspace, lambda writer: _Selecting(writer, request).selection())
    return replace(
        selection, unknown=tuple(each for each in selection.unknown if not _is_in_an_answer(workspace, each))
    )


def _is_in_an_answer(workspace: Workspace, unknown: str) -> bool:
    """Whether an answer or an export names what no table is about, for example an account that a text mentions."""
    number = id_number(unknown)
    ids = frozenset({number}) if number else frozenset[int]()
    named = NamedSubjects(
        videos=ids, comments=ids, users=frozenset() if number else frozenset({plain_username(unknown)})
    )
    return workspace.zone.redact(named, only_counts=True).files > 0 or bool(copies_with(workspace.files, named))


def select_gone(
    workspace: Workspace, videos: frozenset[int], comments: frozenset[int], profiles: Iterable[str]
) -> NamedSubjects:
    """Videos, comments and profiles that are gone, with what stands below them."""
    return on_writer(
        workspace,
        lambda writer: NamedSubjects(
            videos=videos,
            comments=comments | _below(writer, videos, comments),
            creators=_left_without_videos(writer, videos) | frozenset(map(plain_username, profiles)),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Selecting:
    writer: Writer
    request: PurgeRequest

    def selection(self) -> Selection:
        users = frozenset(plain_username(name) for name in self.request.usernames)
        stored = _ids(self.writer, " union ".join(f"select comment_id from {name}" for name in _COMMENT_TABLES))
        named = frozenset(self.request.ids)
        # Nobody knows of what kind an id is that is not stored, so it is remembered as both.
        not_stored = named - self._videos(users) - stored
        videos = self._videos(users) | not_stored
        comments = (named & stored) | not_stored | _below(self.writer, videos, named)
        subjects = NamedSubjects(
            videos=videos, comments=comments, users=users, creators=_left_without_videos(self.writer, videos) - users
        )
        known = frozenset(map(plain_username, _texts(self.writer, _KNOWN_USERS)))
        unknown = [*map(str, sorted(not_stored)), *(f"@{name}" for name in sorted(users - known))]
        others = sorted(set(_texts(self.writer, _OTHER_NAMES, users=[*users])) - users) if users else []
        return Selection(
            subjects=subjects,
            rows=_rows(self.writer, subjects),
            unknown=tuple(unknown),
            also_named=tuple(others),
        )

    def _videos(self, users: frozenset[str]) -> frozenset[int]:
        request = self.request
        if request.search is not None:
            return _found_only_by(self.writer, request.search)
        if request.days:
            first, last = request.days
            sql = "select video_id from core.videos where created_at::date between $first and $last"
            return _ids(self.writer, sql, first=first, last=last)
        named = " union ".join(f"select video_id from {name}" for name in _VIDEO_TABLES)
        of_users = (
            "select video_id from core.videos where lower(username) in (select unnest($users))"
            " union select video_id from core.video_versions where lower(username) in (select unnest($users))"
        )
        known = _ids(
            self.writer, f"select video_id from ({named}) where video_id in (select unnest($ids))", ids=[*request.ids]
        )
        return known | (_ids(self.writer, of_users, users=[*users]) if users else frozenset())


def _found_only_by(writer: Writer, search: str) -> frozenset[int]:
    """Videos that no other search has found.

    Raises:
        UsageError: No search of this name was ever collected.
    """
    found = _ids(writer, "select video_id from core.search_hits where search = $search", search=search)
    names = _texts(
        writer, "select distinct search from core.search_hits union select distinct search from ops.searches"
    )
    if search not in names:
        known = ", ".join(sorted(names)) or "none"
        raise UsageError(f"No search {search!r} was collected here; the searches are {known}. Nothing was deleted.")
    return found - _ids(writer, "select video_id from core.search_hits where search <> $search", search=search)


def _below(writer: Writer, videos: frozenset[int], comments: frozenset[int]) -> frozenset[int]:
    """The comments of these videos, and the replies to these comments."""
    of_videos = "select comment_id from core.comments where video_id in (select unnest($videos))"
    replies = "select comment_id from core.comments where parent_comment_id in (select unnest($comments))"
    return _ids(writer, f"{of_videos} union {replies}", videos=[*videos], comments=[*comments])


def _left_without_videos(writer: Writer, videos: frozenset[int]) -> frozenset[str]:
    """Creators all of whose stored videos are among these; observed accounts have lists of their own and stay."""
    sql = """
    select username from core.videos where username is not null
    group by username having bool_and(video_id in (select unnest($videos)))
    except select username from core.list_snapshots
    """
    return frozenset(map(plain_username, _texts(writer, sql, videos=[*videos]))) if videos else frozenset()


def _rows(writer: Writer, subjects: NamedSubjects) -> dict[str, int]:
    """Rows of each stored table that are about the subjects, without tables that have none."""
    connection = writer.connection
    for name, values, kind in (
        ("erased_videos", subjects.videos, "bigint"),
        ("erased_comments", subjects.comments, "bigint"),
        ("erased_users", subjects.users, "varchar"),
        ("erased_profiles", subjects.users | subjects.creators, "varchar"),
    ):
        connection.execute(f"create or replace temp table {name} as select unnest($1::{kind}[]) as value", [[*values]])
    found = {
        table.full_name: _count(connection, table)
        for table in TABLES.values()
        if table.is_stored and table.schema == "core"
    }
    return {name: rows for name, rows in found.items() if rows}


def _count(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    tests = [_test(column, table) for column in _KEYS if column in table.column_names]
    if not tests:
        return 0
    ((rows,),) = connection.execute(f"select count(*) from {table.full_name} where {' or '.join(tests)}").fetchall()
    return int(rows)


def _test(column: str, table: Table) -> str:
    if _KEYS[column] != "erased_users":
        return f"{column} in (from {_KEYS[column]})"
    names = "erased_profiles" if table.full_name in _PROFILES else "erased_users"
    return f"lower({column}) in (from {names})"


def _ids(writer: Writer, sql: str, **values: object) -> frozenset[int]:
    return frozenset(int(number) for (number,) in writer.connection.execute(sql, values or None).fetchall())


def _texts(writer: Writer, sql: str, **values: object) -> frozenset[str]:
    rows = writer.connection.execute(sql, values or None).fetchall()
    return frozenset(str(text) for (text,) in rows if text is not None)
