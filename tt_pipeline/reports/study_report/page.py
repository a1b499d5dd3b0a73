"""The report as one HTML page: summary, parts, what was left out, methods, limitations, codebook."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import duckdb

from tt_pipeline.reports import charts
from tt_pipeline.reports.charts import Break, Frame
from tt_pipeline.reports.study_report.facts import Fact, Facts, percent, read_facts, share_of
from tt_pipeline.reports.study_report.html import behind, isolated, page, sql, table, text
from tt_pipeline.reports.study_report.methods import Methods, methods_of
from tt_pipeline.reports.study_report.parts import PARTS, Part
from tt_pipeline.reports.study_report.queries import without_names
from tt_pipeline.reports.study_report.rows import PublishedStudy, Rows
from tt_pipeline.warehouse import TABLES, Table

UNTITLED: Final = "A study of TikTok"
_SUMMARY: Final = ("searches", "videos", "fitting_videos", "creators", "comments", "profiles", "requests")
_SMALL: Final = ("first_day", "last_day", "published", "software")
_OLDER: Final = "an older version of tt_pipeline published the file without its tables; `tt rebuild` publishes it again"
_EMPTY: Final = "the study has no data for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that was made.

    Attributes:
        html: The whole page.
        facts: The facts in it.
        figures: How many figures it has.
        left_out: Titles of the parts without data.
    """

    html: str
    facts: Facts
    figures: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPart:
    """A part with its rows; `why_not` says why it is left out, if it is."""

    part: Part
    rows: Rows | None
    why_not: str = ""


def report_page(study: PublishedStudy, *, with_names: bool) -> Page:
    """The report.

    Args:
        study: The published file.
        with_names: Whether it shows usernames and ids; then it is a copy of personal data.
    """
    facts = read_facts(study)
    found = [find_part(study, part, with_names=with_names) for part in PARTS]
    shown = [each for each in found if each.rows]
    left_out = [each for each in found if not each.rows]
    breaks = known_breaks(study)
    title = study.title or UNTITLED
    body = [
        f"<header>\n<h1>{isolated(title)}</h1>\n",
        _notice(study, with_names=with_names),
        _summary(study, facts),
        "</header>\n<main>\n",
        _contents(shown),
    ]
    for number, each in enumerate(shown, start=1):
        body += _section(study, each, number, breaks, facts)
    body += _end(study, left_out, methods_of(study, facts, with_names=with_names), with_names=with_names)
    return Page(
        html=page(title=f"Report: {title}", body=[*body, "</main>\n"]),
        facts=facts,
        figures=len(shown),
        left_out=tuple(each.part.title for each in left_out),
    )


def find_part(study: PublishedStudy, part: Part, *, with_names: bool) -> FoundPart:
    """A part with its rows, without columns that name somebody unless names are wanted."""
    try:
        rows = study.rows_of(part.name)
    except (duckdb.CatalogException, duckdb.BinderException):
        return FoundPart(part=part, rows=None, why_not=_OLDER)
    if not rows.rows:
        return FoundPart(part=part, rows=None, why_not=_EMPTY)
    return FoundPart(part=part, rows=rows if with_names else rows.without(part.personal))


def known_breaks(study: PublishedStudy) -> list[Break]:
    """Both ends of every known change: the first affected day, and the first day after the last one."""
    rows = study.rows_of("known_breaks").rows
    ends = [(row["to_date"] + timedelta(days=1), row) for row in rows if row["to_date"]]
    return [
        Break(first=day, is_posted=row["axis"] == "posted")
        for day, row in [*((row["from_date"], row) for row in rows), *ends]
    ]


def _notice(study: PublishedStudy, *, with_names: bool) -> str:
    notes = []
    if study.is_simulated:
        notes.append(
            '<p class="notice" role="note"><strong>Simulated data.</strong> A simulator answered in place '
            "of TikTok: all "
            "people, videos, comments and numbers here are invented.</p>\n"
        )
    if with_names:
        notes.append(
            '<p class="notice" role="note"><strong>Personal data.</strong> This file shows names of '
            "accounts: what must be "
            "deleted from the study has to be deleted from it too.</p>\n"
        )
    return "".join(notes)


def _summary(study: PublishedStudy, facts: Facts) -> str:
    share = share_of(facts, "complete_search_days", "search_days")
    complete = (
        f"{facts['complete_search_days'].shown} of {facts['search_days'].shown} ({percent(share)})"
        if share is not None
        else "none is due yet"
    )
    items = [(facts[name].label, facts[name].shown, "") for name in _SUMMARY if facts[name].value is not None]
    items.append(("Days of searches that are complete", complete, "small"))
    items += [(facts[name].label, facts[name].shown, "small") for name in _SMALL if facts[name].value is not None]
    listed = "".join(
        f"<div><dt>{text(label)}</dt><dd{f' class={kind}' if kind else ''}>{text(value)}</dd></div>\n"
        for label, value, kind in items
    )
    return (
        "<p>This page shows what a study has collected from TikTok’s Research API, what is missing, and how "
        "far its numbers "
        "can be trusted. It was made from the published file of the study alone, and opens without a network. Days are "
        f"UTC; hours are those of {text(study.zone)}.</p>\n"
        f'<dl class="summary">\n{listed}</dl>\n'
        "<details><summary>Numbers of the study, each with its SQL</summary>\n"
        + "".join(_fact(each) for each in facts.values())
        + "</details>\n"
    )


def _fact(fact: Fact) -> str:
    return f"<p>{text(fact.label)}: <strong>{text(fact.shown)}</strong></p>\n{sql(fact.sql)}"


def _contents(shown: Sequence[FoundPart]) -> str:
    items = "".join(f'<li><a href="#{each.part.name}">{text(each.part.title)}</a></li>\n' for each in shown)
    further = '<li><a href="#methods">Methods and limitations</a></li>\n<li><a href="#codebook">Codebook</a></li>\n'
    return f'<nav aria-label="Contents">\n<ol>\n{items}{further}</ol>\n</nav>\n'


def _section(
    study: PublishedStudy, found: FoundPart, number: int, breaks: Sequence[Break], facts: Facts
) -> Iterator[str]:
    part, rows = found.part, found.rows
    if rows is None:
        return
    lead = part.lead(rows)
    yield f'<section class="part" id="{part.name}">\n<h2>{number}. {text(part.title)}</h2>\n<p>{text(lead)}</p>\n'
    drawn = part.rows_to_draw(rows)
    if drawn:
        yield "<figure>\n"
        for kind, width in (("wide", charts.WIDE), ("narrow", charts.NARROW)):
            frame = Frame(width=width, breaks=breaks, is_simulated=study.is_simulated, zone=study.zone)
            picture = charts.svg(part.draw(drawn, frame), frame, alternative=f"{part.draws} {lead}")
            yield f'<div class="{kind}">{picture}</div>\n'
        yield f"<figcaption>{caption(study, part, rows, number, breaks, facts)}</figcaption>\n</figure>\n"
    yield behind(rows, name=part.name, number=number)
    if meanings := [(each, part.meanings[each]) for each in _statuses(rows) if each in part.meanings]:
        listed = table(("status", "meaning"), meanings, caption="What the statuses mean")
        yield f"<details><summary>What the statuses mean</summary>\n{listed}</details>\n"
    yield "</section>\n"


def caption(study: PublishedStudy, part: Part, rows: Rows, number: int, breaks: Sequence[Break], facts: Facts) -> str:
    """The caption of a figure as HTML: n, days, what could be misunderstood."""
    days = rows.dates() or (facts["first_day"].value, facts["last_day"].value)
    span = f" {days[0]} to {days[1]}, UTC." if all(days) else ""
    simulated = ' <span class="simulated">Simulated data.</span>' if study.is_simulated else ""
    has_break = rows.dates() and any(days[0] < each.first <= days[1] for each in breaks)
    known = " A dashed line is a known change of the API; see the limitations." if has_break else ""
    return (
        f"<strong>Figure {number}.</strong>{simulated} n = {text(part.n(rows))}.{text(span)} {text(part.caveat)}{known}"
    )


def _statuses(rows: Rows) -> list[str]:
    column = next((name for name in ("status", "result") if name in rows.columns), None)
    return list(dict.fromkeys(row[column] for row in rows.rows)) if column else []


def _end(study: PublishedStudy, left_out: Sequence[FoundPart], methods: Methods, *, with_names: bool) -> Iterator[str]:
    yield '<section id="methods">\n<h2>Methods and limitations</h2>\n'
    for heading, sentences in methods.paragraphs:
        yield f"<h3>{text(heading)}</h3>\n"
        words = [text(each.words) for each in sentences]
        yield (
            "<ul>" + "".join(f"<li>{each}</li>\n" for each in words) + "</ul>\n"
            if heading == "Limitations"
            else (f"<p>{' '.join(words)}</p>\n")
        )
    yield from _failed_checks(study, with_names=with_names)
    yield "<h3>References</h3>\n<ol>" + "".join(f"<li>{text(each)}</li>\n" for each in methods.references.values())
    yield (
        '</ol>\n<p class="quiet">For a paper: <code>tt report --methods</code>, with <code>--latex</code> '
        "for LaTeX.</p>\n"
    )
    if left_out:
        yield "<h3>Left out</h3>\n<ul>"
        yield "".join(f"<li>{text(each.part.title)}: {text(each.why_not)}.</li>\n" for each in left_out) + "</ul>\n"
    yield '</section>\n<section id="codebook">\n<h2>Codebook</h2>\n<p>The tables for analysts; '
    yield "<code>tt describe</code> has all tables. NULL is explained where a column can have it.</p>\n"
    for each in TABLES.values():
        if each.schema == "marts":
            yield _table_of_codebook(each)
    yield "</section>\n"


def _failed_checks(study: PublishedStudy, *, with_names: bool) -> Iterator[str]:
    failed = study.rows_of("failed_checks").rows
    if failed:
        says = [row["message"] if with_names else without_names(row["message"]) for row in failed]
        items = (f"<li>{text(each)} ({text(row['severity'])})</li>\n" for each, row in zip(says, failed, strict=True))
        yield f"<h3>Checks of the data that failed</h3>\n<ul>{''.join(items)}</ul>\n"


def _table_of_codebook(described: Table) -> str:
    rows = [(column.name, column.type.value, column.explained()) for column in described.columns]
    columns = table(("column", "type", "meaning"), rows, caption=f"Columns of {described.full_name}")
    about = f"One row: {described.grain}. {described.meaning}"
    return f"<details><summary>{text(described.full_name)}</summary>\n<p>{text(about)}</p>\n{columns}</details>\n"
