"""The comparison of two published files as one HTML page: numbers, searches, volumes and hidden shares side by side."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from tt_pipeline.counted import counted
from tt_pipeline.errors import UsageError
from tt_pipeline.query import spoken
from tt_pipeline.reports import charts
from tt_pipeline.reports.charts import Frame
from tt_pipeline.reports.study_report.facts import SHARES, Fact, read_facts
from tt_pipeline.reports.study_report.html import behind, isolated, page, sql, table, text
from tt_pipeline.reports.study_report.leads import named
from tt_pipeline.reports.study_report.page import UNTITLED
from tt_pipeline.reports.study_report.passport import checksum
from tt_pipeline.reports.study_report.queries import SentQuery, sent_queries
from tt_pipeline.reports.study_report.rows import PublishedStudy, Row, Rows, largest_searches, open_study

_FILE: Final = "warehouse.duckdb"
_MAGIC: Final = b"DUCK"
_MAGIC_AT: Final = 8
_HIDDEN: Final = (
    "<h2>Hidden slots of each search</h2>\n<p>Hidden slots are deleted, private or withheld videos that the API counts "
    "and does not return.</p>\n"
)
_MOST_PANELS: Final = 8
_MOST_NAMED: Final = 5


@contextmanager
def open_both(published: Path, against: str) -> Iterator[tuple[PublishedStudy, PublishedStudy]]:
    """Open the published file and the one that it is compared with.

    Args:
        published: The published file.
        against: A published file, or a data dir.

    Raises:
        UsageError: There is no such file, both are the same, or one of them is no published file that can be read.
        WriterLocked: Another program holds one of the files for writing.
    """
    file = _other_file(published, against)
    with open_study(published) as study, ExitStack() as opened:
        try:
            other = opened.enter_context(open_study(file))
        except UsageError as error:
            if isinstance(error.__cause__, duckdb.CatalogException | duckdb.BinderException):
                raise _lacks_tables(file) from error
            if isinstance(error.__cause__, duckdb.Error):
                raise UsageError(f"--against {file} is damaged: DuckDB cannot read it.") from error
            raise
        yield study, other


def _lacks_tables(file: Path) -> UsageError:
    return UsageError(
        f"{file} lacks tables that a comparison needs: an older version of tt_pipeline published it, or it is an export"
        " of some tables; `tt rebuild` in its data dir publishes it again."
    )


@contextmanager
def _naming(study: PublishedStudy) -> Iterator[None]:
    """Say which of the two files lacks a table or column."""
    try:
        yield
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise _lacks_tables(study.file) from error


def _other_file(published: Path, against: str) -> Path:
    other = Path(against)
    if not other.exists():
        if _is_day(against):
            raise UsageError(
                f"--against {against} is a day, and no earlier published file is kept: name a copy of "
                f"{published.name} that you made then."
            )
        raise UsageError(f"--against {other} does not exist: name a published file or a data dir.")
    file = other / _FILE if other.is_dir() else other
    if not file.is_file():
        raise UsageError(f"--against {other} has no {_FILE}: name a published file or a data dir.")
    if published.exists() and file.samefile(published):
        raise UsageError(f"--against {other} is the published file itself: name another one.")
    with file.open("rb") as content:
        if content.read(_MAGIC_AT + len(_MAGIC))[_MAGIC_AT:] != _MAGIC:
            raise UsageError(f"--against {file} is not a published file of tt_pipeline: it is no DuckDB database.")
    return file


def _is_day(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def comparison_page(study: PublishedStudy, other: PublishedStudy) -> str:
    """The comparison as an HTML page, which names nobody.

    Args:
        study: The published file, "this file" in the page.
        other: The one that it is compared with, "other file" in the page.

    Raises:
        UsageError: A table is missing in one of them, because an older version published it.
    """
    title = study.title or UNTITLED
    studies = (study, other)
    searches = _searches(studies)
    body = [
        f'<header>\n<p class="quiet">Comparison of two published files</p>\n<h1>{isolated(title)}</h1>\n',
        '<p class="notice" role="note"><strong>Simulated data.</strong> A simulator answered in place of TikTok.</p>\n'
        if study.is_simulated or other.is_simulated
        else "",
        _introduction(studies),
        "</header>\n<main>\n<h2>Files</h2>\n",
        _files(studies),
        "<h2>Numbers</h2>\n<p>The difference is this file minus the other file.</p>\n",
        _numbers(studies),
        "<h2>Searches</h2>\n",
        *_queries(studies),
        _both_sql(searches, "Due and complete days of each search, and fitting videos"),
        "<h2>Videos a day</h2>\n",
        *_volume(studies),
        _HIDDEN,
        _both_sql(_side_by_side(studies, "hidden_searches", ("search",)), "Slots of each search, and hidden ones"),
        "</main>\n",
    ]
    return page(title=f"Comparison: {title}", body=body)


def _introduction(studies: tuple[PublishedStudy, PublishedStudy]) -> str:
    study, other = studies
    same = (
        "Both are of the study with this title."
        if study.title == other.title
        else f"The other file is of another study: {isolated(other.title or UNTITLED)}."
    )
    return (
        f"<p>“This file” was published on {study.published_at:%Y-%m-%d}, the “other file” on "
        f"{other.published_at:%Y-%m-%d} (UTC). {same} Every number has the SQL that gives it in each of the two files. "
        "Days are UTC.</p>\n"
    )


def _files(studies: tuple[PublishedStudy, PublishedStudy]) -> str:
    rows = [
        ("Name", *(each.file.name for each in studies)),
        ("Study", *(each.title or UNTITLED for each in studies)),
        ("Published", *(f"{each.published_at:%Y-%m-%d %H:%M} UTC" for each in studies)),
        ("SHA-256", *(checksum(each.file) for each in studies)),
    ]
    return table(("", "this file", "other file"), rows, caption="The two files")


def _numbers(studies: tuple[PublishedStudy, PublishedStudy]) -> str:
    here, there = (read_facts(each) for each in studies)
    head = "".join(f'<th scope="col">{each}</th>' for each in ("What", "This file", "Other file", "Difference"))
    lines = "".join(
        f'<tr data-fact="{name}"><td>{text(here[name].label)}<details><summary>SQL</summary>'
        f"{''.join(sql(query) for query in dict.fromkeys((here[name].sql, there[name].sql)))}</details></td>"
        f'<td class="number">{text(here[name].shown)}</td><td class="number">{text(there[name].shown)}</td>'
        f'<td class="number">{text(difference(here[name], there[name]))}</td></tr>\n'
        for name in here
        if not here[name].value is there[name].value is None
    )
    return (
        '<div class="wide-table all-rows" tabindex="0" role="region" aria-label="Numbers of both files">'
        f'<table class="facts"><thead><tr>{head}</tr></thead><tbody>\n{lines}</tbody></table></div>\n'
    )


def difference(here: Fact, there: Fact) -> str:
    """How far the first is above the second: a number, points of percent, or days; "" if nobody can say."""
    one, two = here.value, there.value
    if one is None or two is None:
        return ""
    if isinstance(one, str) or isinstance(two, str):
        return "the same" if one == two else "another"
    if isinstance(one, date):
        first, second = (each.date() if isinstance(each, datetime) else each for each in (one, two))
        return counted((first - second).days, "day") if first <= second else f"+{counted((first - second).days, 'day')}"
    if here.name in SHARES:
        return f"{100 * (one - two):+.1f} points"
    return f"{one - two:+,}" if one != two else "0"


def _side_by_side(
    studies: tuple[PublishedStudy, PublishedStudy], name: str, keys: Sequence[str], columns: Sequence[str] = ()
) -> Rows:
    """The rows of one query in both files; each column twice, as `_here` and `_there`, None without such a row."""
    here, there = (_rows_of(each, name) for each in studies)
    shown = columns or tuple(each for each in here.columns if each not in keys)
    found = [{tuple(row[key] for key in keys): row for row in rows.rows} for rows in (here, there)]
    rows = [
        dict(zip(keys, key, strict=True))
        | {
            f"{column}_{place}": of_file.get(key, {}).get(column)
            for column in shown
            for place, of_file in zip(("here", "there"), found, strict=True)
        }
        for key in sorted({*found[0], *found[1]})
    ]
    names = (*keys, *(f"{column}_{place}" for column in shown for place in ("here", "there")))
    return Rows(sql=here.sql, columns=names, rows=tuple(rows))


def _rows_of(study: PublishedStudy, name: str) -> Rows:
    with _naming(study):
        return study.rows_of(name)


def _searches(studies: tuple[PublishedStudy, PublishedStudy]) -> Rows:
    return _side_by_side(studies, "searches", ("search",), ("days_due", "days_complete", "videos_fitting"))


def _both_sql(rows: Rows, caption: str) -> str:
    if not rows.rows:
        return "<p>Neither file has any.</p>\n"
    values = [[row[column] for column in rows.columns] for row in rows.rows]
    return (
        table(rows.columns, values, caption=f"{caption}: here is this file, there the other file")
        + f"<details><summary>SQL, for each of the two files</summary>{sql(rows.sql)}</details>\n"
    )


def _queries(studies: tuple[PublishedStudy, PublishedStudy]) -> Iterator[str]:
    """Which searches are new, dropped or have another query, with their queries in English."""
    here, there = (_present(each) for each in studies)
    kinds = {
        "Only in this file": sorted(here.keys() - there.keys()),
        "Only in the other file": sorted(there.keys() - here.keys()),
        "With another query": sorted(
            name for name in here.keys() & there.keys() if here[name].fingerprint != there[name].fingerprint
        ),
    }
    same = len(here.keys() & there.keys()) - len(kinds["With another query"])
    yield f"<p>{counted(same, 'search', 'have')} the same query in both files.</p>\n<ul>\n"
    for kind, names in kinds.items():
        if names:
            more = f" and {counted(len(names) - _MOST_NAMED, 'more search')}" if len(names) > _MOST_NAMED else ""
            yield f"<li>{kind}: {text(spoken([named(name) for name in names[:_MOST_NAMED]], last='and'))}{more}.</li>\n"
    yield "</ul>\n"
    changed = [
        (name, place, of_file[name].english or "cannot be read by this version")
        for names in kinds.values()
        for name in names
        for place, of_file in (("this file", here), ("other file", there))
        if name in of_file
    ]
    if changed:
        listed = table(("search", "file", "query"), changed, caption="Queries that are not in both files")
        yield f"<details><summary>Their queries in English</summary>\n{listed}</details>\n"
    yield (
        "<details><summary>SQL of the queries, for each of the two files</summary>"
        f"{sql(studies[0].rows_of('queries').sql)}</details>\n"
    )


def _present(study: PublishedStudy) -> dict[str, SentQuery]:
    with _naming(study):
        return {each.search: each for each in sent_queries(study, with_names=False) if each.is_current}


def _volume(studies: tuple[PublishedStudy, PublishedStudy]) -> Iterator[str]:
    rows = _side_by_side(studies, "volume", ("search", "day_date"), ("videos_fitting", "is_comparable"))
    drawn = [*_lines(rows)]
    if not drawn:
        yield "<p>Neither file has a day of a search that lists all its videos and can be compared.</p>\n"
        return
    lead = _lead(rows)
    yield f"<p>{text(lead)}</p>\n<figure>\n"
    is_simulated = any(each.is_simulated for each in studies)
    for kind, width in (("wide", charts.WIDE), ("narrow", charts.NARROW)):
        frame = Frame(width=width, is_simulated=is_simulated)
        says = f"A panel for each search with a line for each file over the UTC days of posting. {lead}"
        picture = charts.svg(charts.two_files(drawn, frame), frame, alternative=says)
        yield f'<div class="{kind}">{picture}</div>\n'
    first, last = rows.dates() or ("", "")
    n = counted(sum(row["videos"] for row in drawn), "fitting video")
    yield (
        f"<figcaption>n = {n} of both files together. {first} to {last}, UTC. Days that cannot be compared are gaps "
        "in the lines. Do not add up searches, because a video that two searches found counts in both."
        "</figcaption>\n</figure>\n"
    )
    yield behind(rows, name="volume_of_both", number=1)


def _lines(rows: Rows) -> Iterator[Row]:
    """A row for each file and day of the largest searches that can be compared; other days are gaps."""
    for row in largest_searches(rows, ("videos_fitting_here", "videos_fitting_there"), _MOST_PANELS):
        for file, place in (("this file", "here"), ("other file", "there")):
            videos: Any = row[f"videos_fitting_{place}"]
            if row[f"is_comparable_{place}"] and videos is not None:
                yield {"search": row["search"], "day_date": row["day_date"], "file": file, "videos": videos}


def _lead(rows: Rows) -> str:
    """On how many days both files can be compared, and how many of these have the same number."""
    both = [row for row in rows.rows if row["is_comparable_here"] and row["is_comparable_there"]]
    if not both:
        return (
            "No day of a search can be compared in both files, because it has to be complete with its last look done."
        )
    same = sum(row["videos_fitting_here"] == row["videos_fitting_there"] for row in both)
    return (
        f"{counted(len(both), 'day')} of searches can be compared in both files; {same:,} of these have the same "
        "number of fitting videos."
    )
