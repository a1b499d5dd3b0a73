"""Some searches and days of a study: the tables of the published file are replaced by views of the selected rows.

The queries of figures stay as they are. Views over the published rows take the names of the tables, and the marts that
add up rows are computed again from these views.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from tt_pipeline.errors import UsageError
from tt_pipeline.sql_text import sql_name, sql_text
from tt_pipeline.warehouse import SCHEMAS, TABLES, mart_statements

_SEARCH_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "core.found_videos": "search in ({searches})",
        "marts.asked_ids": "search in ({searches})",
        "marts.daily_volume": "search in ({searches})",
        "marts.video_survival": "search in ({searches})",
        "ops.check_results": "search in ({searches})",
        "ops.look_coverage": "search in ({searches})",
        "ops.requests": "search in ({searches})",
        "ops.search_coverage": "search in ({searches})",
        "ops.search_versions": "search in ({searches})",
        "ops.searches": "(search in ({searches}) or kind = 'once')",
    }
)
"""Which rows belong to searches. Other tables with a column `search` have names that the study used earlier."""
_DAY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "core.videos": "created_date",
        "marts.account_looks": "(observed_at at time zone 'UTC')::date",
        "marts.asked_ids": "(uploaded_at at time zone 'UTC')::date",
        "marts.daily_volume": "day_date",
        "ops.checks_due": "verified_date",
        "ops.deletions": "(deleted_at at time zone 'UTC')::date",
        "ops.look_coverage": "day_date",
        "ops.requests": "quota_date",
        "ops.search_coverage": "day_date",
    }
)
"""The UTC day of a row: of posting, and of requests, checks, deletions and lists the day on which they happened."""
_CREATORS: Final = "username in (select username from core.videos)"
_HANDLES: Final = "{file}.core.renamed_handles"
_PEOPLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "core.renamed_handles": f"creator_id in (select creator_id from {_HANDLES} where {_CREATORS})",
        "ops.account_coverage": f"(list != 'profile' or {_CREATORS})",
    }
)
"""Accounts are selected if they posted a selected video; observed accounts belong to no search."""
_TAKEN: Final = frozenset(
    {
        "core.found_videos",
        "core.latest_video_snapshots",
        "core.renamed_handles",
        "marts.account_looks",
        "marts.asked_ids",
        "marts.daily_volume",
        "marts.video_survival",
        "ops.search_versions",
    }
)
"""Marts whose rows are selected as they were published; all others are computed again from the selected rows."""
_OF_NO_VIDEO: Final = frozenset({"marts.asked_ids"})
"""Its ids are those of lists, also of videos that nobody found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which searches and days figures are made of; everything by default.

    Attributes:
        searches: Names of searches; all if there is none.
        first_day: First UTC day, None if there is no limit.
        last_day: Last one, inclusive.
    """

    searches: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None

    def __post_init__(self) -> None:
        """Refuse days in the wrong order.

        Raises:
            UsageError: The last day is before the first.
        """
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise UsageError(f"The last day, {self.last_day}, is before the first, {self.first_day}.")

    @property
    def is_everything(self) -> bool:
        """Whether no row is left out."""
        return not self.searches and self.first_day is None and self.last_day is None

    def statements(self, file: str) -> Iterator[str]:
        """SQL after which a connection shows the selected rows alone under the names of all tables.

        Args:
            file: The name under which the published file is attached to a database in memory.
        """
        if self.is_everything:
            return
        attached = sql_name(file)
        yield "use memory"
        yield from (f"create schema {schema}" for schema in SCHEMAS)
        yield self._selected_videos(attached)
        for name, table in TABLES.items():
            if table.is_stored:
                yield self._view(name, attached)
        yield from mart_statements()
        yield from (self._view(name, attached) for name in sorted(_TAKEN))

    def _selected_videos(self, file: str) -> str:
        found = f"select video_id from {file}.core.found_videos where {self._named(_SEARCH_OF['core.found_videos'])}"
        of_searches = f"video_id in ({found})" if self.searches else "true"
        days = self._on_days("core.videos")
        return f"create table selected as select video_id from {file}.core.videos where {days} and {of_searches}"

    def _view(self, name: str, file: str) -> str:
        conditions = ["true"]
        if name in _SEARCH_OF and self.searches:
            conditions.append(self._named(_SEARCH_OF[name]))
        if name in _DAY_OF:
            conditions.append(self._on_days(name))
        if name in _PEOPLE:
            conditions.append(_PEOPLE[name].format(file=file))
        if "video_id" in TABLES[name].column_names and name not in _OF_NO_VIDEO:
            conditions.append("video_id::bigint in (select video_id from memory.selected)")
        return f"create or replace view {name} as from {file}.{name} where {' and '.join(conditions)}"

    def _named(self, condition: str) -> str:
        return condition.format(searches=", ".join(map(sql_text, self.searches)))

    def _on_days(self, name: str) -> str:
        limits = ((">=", self.first_day), ("<=", self.last_day))
        return " and ".join(f"{_DAY_OF[name]} {sign} '{day}'" for sign, day in limits if day) or "true"


EVERYTHING: Final = Selection()
"""All searches and days."""
