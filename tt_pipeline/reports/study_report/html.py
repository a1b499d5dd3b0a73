"""HTML of the report and the passport: every text is escaped here, tables and links to data are made here."""

import base64
import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from typing import Any, Final

from tt_pipeline.json_text import one_line
from tt_pipeline.reports.exports.column_formats import neutral
from tt_pipeline.reports.study_report.facts import shown
from tt_pipeline.reports.study_report.rows import Rows

_LONGEST: Final = 300
"""Characters of a text that are shown; hashtags and names of searches are shorter."""
MOST_ROWS: Final = 120
"""Rows of a table in the page; the CSV has more."""
MOST_CSV: Final = 90_000
"""Bytes of a CSV in the page, so that 25 of them fit into 3 MB."""
_CSS: Final = files(__package__) / "page.css"
_COLOURS: Final = files(__package__) / "colours.css"
"""The colours that figures name, for light and dark screens and for paper."""
_PATTERN: Final = (
    '<defs><pattern id="gap" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line x1="0" y1="0" x2="0" y2="7" stroke="var(--vermilion)" stroke-width="1.2"/></pattern></defs>'
)
"""The pattern of days that cannot be compared, to which figures refer."""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""A browser runs no script in the page and requests nothing for it, whatever the page has."""


def text(value: object) -> str:
    """A value as escaped text, in one line."""
    return escape(one_line(value, longest=_LONGEST))


def isolated(value: object) -> str:
    """A value whose direction of writing does not change the text around it."""
    return f"<bdi>{text(value)}</bdi>"


def page(*, title: str, body: Iterable[str]) -> str:
    """A whole page, without scripts and addresses."""
    style = _COLOURS.read_text(encoding="utf-8") + _CSS.read_text(encoding="utf-8")
    head = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{text(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
    )
    patterns = f'<svg class="patterns" aria-hidden="true" width="0" height="0">{_PATTERN}</svg>\n'
    return head + patterns + "".join(body) + "</body>\n</html>\n"


def standalone(picture: str) -> str:
    """A figure as an SVG file: an element `<svg>` of `charts` with its colours, pattern and ground."""
    opening, _, drawn = picture.partition(">")
    ground = '<rect width="100%" height="100%" fill="var(--page)"/>'
    return f"{opening}><style>{_COLOURS.read_text(encoding='utf-8')}</style>{_PATTERN}{ground}{drawn}"


def cell(value: Any) -> str:
    """A value in a table."""
    if isinstance(value, str):
        return f"<td>{isolated(value)}</td>"
    kind = ' class="number"' if isinstance(value, int | float) and not isinstance(value, bool) else ""
    return f"<td{kind}>{'' if value is None else text(shown(value))}</td>"


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, caption: str) -> str:
    """A table with a caption, which people who cannot see it hear first."""
    head = "".join(f'<th scope="col">{text(column.replace("_", " "))}</th>' for column in columns)
    lines = "".join(f"<tr>{''.join(map(cell, row))}</tr>\n" for row in rows)
    return (
        f'<div class="wide-table" tabindex="0" role="region" aria-label="{text(caption)}"><table>'
        f"<caption>{text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>\n{lines}</tbody></table></div>\n"
    )


def behind(rows: Rows, *, name: str, number: int) -> str:
    """The table, the SQL and the CSV of a figure, which a reader opens."""
    csv_text = as_csv(rows)
    has_all = len(csv_text.encode()) <= MOST_CSV
    link = (
        f'<p><a download="{name}.csv" href="data:text/csv;charset=utf-8;base64,'
        f'{base64.b64encode(csv_text.encode()).decode()}">Download these {len(rows.rows):,} rows as CSV</a></p>\n'
        if has_all
        else f"<p>All {len(rows.rows):,} rows are too many for this page; this query gives them: "
        f"<code>tt sql --csv</code>.</p>\n"
    )
    shown_rows = rows.rows[:MOST_ROWS]
    first = f", first {MOST_ROWS} rows of {len(rows.rows):,}" if len(rows.rows) > MOST_ROWS else ""
    columns = rows.columns
    return (
        f"<details><summary>Table, CSV and SQL of part {number}</summary>\n"
        + table(
            columns,
            ([row[column] for column in columns] for row in shown_rows),
            caption=f"Data of part {number}{first}",
        )
        + link
        + sql(rows.sql)
        + "</details>\n"
    )


def sql(query: str) -> str:
    """A query as it is run."""
    return f'<pre tabindex="0" role="region" aria-label="SQL"><code>{escape(query)}</code></pre>\n'


def as_csv(rows: Rows) -> str:
    """The rows as CSV: instants in UTC, and no text that a spreadsheet runs as a formula."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(rows.columns)
    writer.writerows([_plain(row[column]) for column in rows.columns] for row in rows.rows)
    return target.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return neutral(value) if isinstance(value, str) else value
