"""Checks of the tables: each is a query that returns the rows that break a rule (`.sql` files and modules here).

If the rows have a column `search`, each search has its own breach. A row counts as one, or as what its columns
`counted` and `out_of` say.

A blocking check prevents publication, because the published numbers would be wrong. Other checks are reported and the
data is published, so that analysts get it on the same day.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from tt_pipeline.codebook.fields import Privacy
from tt_pipeline.counted import counted
from tt_pipeline.warehouse.catalog import TABLES, videos
from tt_pipeline.warehouse.checks.drift import fields_that_fell_silent
from tt_pipeline.warehouse.checks.keys import choose_rows, orphans, repeated_keys
from tt_pipeline.warehouse.checks.overdue import overdue_items
from tt_pipeline.warehouse.marts import made_of
from tt_pipeline.warehouse.rows_of_loads import rows_found
from tt_pipeline.warehouse.writer import Writer

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

_SAMPLE = 20
_NAMED = 3
_COUNTS = frozenset({"counted", "out_of"})


class Severity(StrEnum):
    """How serious a broken rule is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A rule and what to do when it is broken.

    Attributes:
        name: Also the name of its `.sql` file, if it has one.
        means: What is true while the rule holds.
        says: The message before the number of rows: what it means that the rule is broken.
        says_of_a_search: The whole message about one search, with `{search}`, `{counted}`, `{out_of}`, `{percent}`.
        group: The group of tables that it is about; "" for several.
        doubtful: The stored tables whose rows are wrong, missing or too many if the rule is broken.
        is_of_matches: Whether the rule is about videos that do not fit a query; some marts leave them out.
        is_blocking: Whether a broken rule prevents publication.
    """

    name: str
    means: str
    says: str
    remedy: str
    group: str = ""
    says_of_a_search: str = ""
    doubtful: tuple[str, ...] = ()
    is_of_matches: bool = False
    severity: Severity = Severity.ERROR
    is_blocking: bool = False

    @property
    def concerns(self) -> tuple[str, ...]:
        """The tables with affected numbers, in the order of the catalog: doubtful ones, and views made of them."""
        unaffected = [name for name, table in TABLES.items() if table.only_matching] if self.is_of_matches else []
        affected = made_of(self.doubtful, without=unaffected)
        return tuple(name for name in TABLES if name in affected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """What a failed check found about one search, or about everything.

    Attributes:
        search: The search; None if the rule is not about single searches.
        counted: How many break the rule.
        out_of: Of how many; None if the check does not count them.
    """

    search: str | None
    counted: int
    out_of: int | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check found.

    Attributes:
        breaches: Empty if the check passed.
        concerns: The tables with affected numbers.
        rows: Up to 20 of the rows that break the rule; ids and days, never text.
    """

    name: str
    severity: Severity
    is_blocking: bool = False
    breaches: tuple[Breach, ...] = ()
    remedy: str = ""
    concerns: tuple[str, ...] = ()
    rows: "pl.DataFrame"

    @property
    def passed(self) -> bool:
        """Whether no row breaks the rule."""
        return not self.breaches

    @property
    def message(self) -> str:
        """The breaches in one line."""
        more = len(self.breaches) - _NAMED
        named = [breach.message for breach in self.breaches[:_NAMED]]
        return " ".join([*named, f"And {counted(more, 'more search')}."] if more > 0 else named) or "Holds."

    @property
    def summary(self) -> str:
        """One line of text for the person at the terminal: the message, the first rows, and what to do."""
        return self._summary(self.rows)

    @property
    def impersonal_summary(self) -> str:
        """The same without columns that lead to a person: for what is stored elsewhere, such as Dagster's events."""
        # The counts of a row say nothing without the id of the row, and the message has them.
        kept = [name for name in self.rows.columns if not _is_personal(name)]
        is_whole = len(kept) == len(self.rows.columns)
        return self._summary(self.rows.select(name for name in kept if is_whole or name not in _COUNTS))

    def _summary(self, rows: "pl.DataFrame") -> str:
        named = "; ".join(filter(None, (_named(row) for row in rows.head(_NAMED).iter_rows(named=True))))
        return " ".join(part for part in (self.message, named and f"{named}.", self.remedy) if part)


def _named(row: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in row.items() if value is not None)


def _is_personal(column: str) -> bool:
    """Whether a column may lead to a person: as the catalog says, and any id that the catalog does not describe."""
    classes = {found.privacy for table in TABLES.values() for found in table.columns if found.name == column}
    return classes != {Privacy.NONE} if classes else column.endswith("_id")


_RECORDS: Final = tuple(name for name, table in TABLES.items() if table.schema == "core" and table.is_stored)
_OF_VIDEOS: Final = tuple(table.full_name for table in videos.TABLES)
_FOUND: Final = ("core.search_hits", "ops.loads", "ops.search_coverage")
CHECKS = (
    Check(
        name="keys_are_unique",
        means="Every key stands once in its table.",
        says="keys stand more than once in their table",
        remedy="Run `tt rebuild`; please report it.",
        is_blocking=True,
    ),
    Check(
        name="rows_are_conserved",
        means="The rows of every load are those of its pages.",
        says="loads whose rows are not those of their pages",
        remedy="Run `tt rebuild`; please report it.",
        is_blocking=True,
    ),
    Check(
        name="no_row_is_orphaned",
        means="Every row about a video or comment has its video or comment.",
        says="tables hold rows about a video or comment that is not there",
        remedy="Run `tt rebuild`; please report it.",
        doubtful=_RECORDS,
    ),
    Check(
        name="everything_is_checked_in_time",
        means="Everything stored was seen or checked within the study's refresh_days.",
        says="stored videos and comments were not checked in time, which TikTok's terms demand",
        remedy="Run `tt refresh`; it says why something could not be checked.",
        doubtful=_RECORDS,
    ),
    Check(
        name="id_time_agrees",
        means="Every video was created within a day of the time in its id.",
        group="videos",
        says="videos were created more than a day away from the time in their id",
        remedy="Look at the videos: drafts may be published late; many of them mean that ids were damaged.",
        severity=Severity.WARNING,
        doubtful=("core.videos",),
    ),
    Check(
        name="nothing_is_in_quarantine",
        means="Every landed page that the study wants can be read.",
        says="landed pages cannot be read, and their records are missing",
        remedy="`tt collect` requests again what a damaged file contained; what a page contained needs `tt collect"
        " --again` with --from, --to and --only; or update tt_pipeline and run `tt rebuild`, which reads again.",
        says_of_a_search="Landed pages of {search} that cannot be read, and whose records are missing: {counted}.",
        doubtful=_RECORDS,
    ),
    Check(
        name="unread_is_still_asked",
        means="The study still wants every landed page that cannot be read.",
        says="landed pages cannot be read, and the study no longer wants their records",
        remedy="What could be read of these pages is in the tables, the rest stays missing: leave these days, videos"
        " or accounts out; or put the query or rule back into the study and run `tt collect --again`; or update"
        " tt_pipeline and run `tt rebuild`, which reads again.",
        severity=Severity.WARNING,
        says_of_a_search="Landed pages of {search} that cannot be read, and that the study no longer wants: {counted}.",
        doubtful=_RECORDS,
    ),
    Check(
        name="parents_are_known",
        means="At least 19 of 20 replies answer a comment that is there.",
        group="comments",
        says="replies answer a comment that is not there, which is more than one in twenty",
        remedy="They are kept: the parent was deleted, or lies beyond the first thousand. So many may mean that pages"
        " of comments are missing: see ops.comment_coverage.",
        severity=Severity.WARNING,
        doubtful=("core.comments",),
    ),
    Check(
        name="coverage_is_complete",
        means="Every due day of every search is complete.",
        group="videos",
        says="days of searches are not complete",
        remedy="`tt status` says what is missing and when it is due.",
        severity=Severity.WARNING,
        says_of_a_search="Days of {search} that are not complete: {counted}.",
        doubtful=_FOUND,
    ),
    Check(
        name="hits_fit_their_query",
        means="At least 95 % of the videos of every search fit its query.",
        group="videos",
        says="searches hold videos of which more than 5 % do not fit their query",
        remedy="The API's username filter leaks and its keywords match roughly: count rows of core.search_hits where"
        " `matches` is true, or see whether the query says what is meant.",
        severity=Severity.WARNING,
        says_of_a_search="{percent} of {search} does not fit its query: {counted} of {out_of} videos.",
        doubtful=(*_OF_VIDEOS, "core.comments"),  # comments of such videos are collected too
        is_of_matches=True,
    ),
    Check(
        name="comments_are_of_their_video",
        means="Every comment belongs to the video whose comments were requested.",
        group="comments",
        says="loads of comments have comments of videos that were not requested",
        remedy="They are kept under the video that they name, and the requested video may lack its own: request its"
        " comments again with `tt collect --again --only comments`, --from and --to.",
        doubtful=("core.comments", "ops.comment_coverage"),
        severity=Severity.WARNING,
    ),
    Check(
        name="fields_stay_filled",
        means="Every field that used to be filled is still filled.",
        says="fields are empty now where they used to be filled",
        remedy="Rows say since when. See whether TikTok announced it; do not compare the field across that instant. If"
        " ops.fields has a new name for it, update tt_pipeline and run `tt rebuild`.",
        severity=Severity.WARNING,
        says_of_a_search="Fields of {search} that are empty now where they used to be filled: {counted}.",
        doubtful=_RECORDS,
    ),
    Check(
        name="fields_are_known",
        means="This version knows every field of the API's answers.",
        says="fields of the API's answers are not known to this version",
        remedy="They are in the landed pages alone. Update tt_pipeline and run `tt rebuild`, or report the field.",
        severity=Severity.WARNING,
        doubtful=("ops.fields",),
    ),
    Check(
        name="counts_are_usual",
        means="Every complete day has between a fifth and five times the videos of the days around it.",
        group="videos",
        says="complete days hold less than a fifth or more than five times the videos of the days around them",
        remedy="Look at the day: an event, or an answer that was cut; `tt collect --again` with --from and --to looks"
        " once more.",
        severity=Severity.WARNING,
        says_of_a_search="Complete days of {search} with less than a fifth or more than five times the videos of the"
        " days around them: {counted}.",
        doubtful=_FOUND,
    ),
    Check(
        name="no_sudden_silence",
        means="No complete day is empty among days with many videos.",
        group="videos",
        says="days are complete and empty among days with many videos",
        remedy="The API sometimes answers nothing without an error: collect the day once more with `--again`.",
        says_of_a_search="Days of {search} that are complete and empty among days with many videos: {counted}.",
        doubtful=_FOUND,
    ),
)
"""Every check, blocking ones first."""


def run_checks(writer: Writer, *, is_whole: bool = False) -> list[CheckResult]:
    """Run every check and return the results.

    Args:
        writer: The open writer's file.
        is_whole: Check the keys of all rows; else of rows that have changed since the last publication, and of a
            sample.
    """
    is_limited = not is_whole and choose_rows(writer.connection)
    return [_run(writer, check, is_limited=is_limited) for check in CHECKS]


def _run(writer: Writer, check: Check, *, is_limited: bool) -> CheckResult:
    import polars as pl

    broken = pl.concat(writer.query(sql) for sql in _queries(check.name, is_limited=is_limited))
    return CheckResult(
        name=check.name,
        severity=check.severity,
        is_blocking=check.is_blocking,
        breaches=tuple(_breaches(check, broken)),
        remedy=check.remedy if broken.height else "",
        concerns=check.concerns,
        rows=broken.head(_SAMPLE),
    )


def _breaches(check: Check, broken: "pl.DataFrame") -> Iterator[Breach]:
    """One breach for each search that the rows name, in the order of the rows; one for all rows without a search."""
    import polars as pl

    missing = {"search": pl.lit(None, pl.String), "counted": pl.lit(1), "out_of": pl.lit(None, pl.Int64)}
    rows = broken.with_columns(value.alias(name) for name, value in missing.items() if name not in broken.columns)
    sums = rows.group_by("search", maintain_order=True).agg(pl.sum("counted"), pl.col("out_of").sum())
    for search, number, out_of in sums.iter_rows():
        known = out_of if "out_of" in broken.columns else None
        yield Breach(search=search, counted=number, out_of=known, message=_message(check, search, number, known))


def _message(check: Check, search: str | None, number: int, out_of: int | None) -> str:
    if search is None:
        of_all = "" if out_of is None else f" of {out_of:,}"
        return f"{check.says[:1].upper()}{check.says[1:]}: {number:,}{of_all}."
    percent = f"{100 * number / out_of:.0f} %" if out_of else ""
    return check.says_of_a_search.format(
        search=search, counted=f"{number:,}", out_of=f"{out_of or 0:,}", percent=percent
    )


_MADE: Final[Mapping[str, Callable[[], list[str]]]] = {
    "fields_stay_filled": lambda: [fields_that_fell_silent()],
    "everything_is_checked_in_time": overdue_items,
}
"""Checks whose queries are made from the catalog."""
_OF_KEYS: Final = {"keys_are_unique": repeated_keys, "no_row_is_orphaned": orphans}
"""The same for checks that can be limited to some rows."""


def _queries(name: str, *, is_limited: bool) -> list[str]:
    if name in _OF_KEYS:
        return _OF_KEYS[name](is_limited=is_limited)
    if name in _MADE:
        return _MADE[name]()
    sql = files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return [sql.replace("{rows_found}", rows_found())]
