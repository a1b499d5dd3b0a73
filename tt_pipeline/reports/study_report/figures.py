"""The figures of the report one by one, perhaps of some searches and days: for the notebook and for pages of others."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tt_pipeline.reports.study_report.facts import Facts, read_facts
from tt_pipeline.reports.study_report.html import standalone, text
from tt_pipeline.reports.study_report.rows import PublishedStudy, Rows, open_study
from tt_pipeline.reports.study_report.selection import EVERYTHING, Selection

if TYPE_CHECKING:  # what draws takes most of a second to import
    from tt_pipeline.reports.charts import Frame
    from tt_pipeline.reports.study_report.page import FoundPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of the report.

    Attributes:
        name: The name of its part, and of its query.
        title: Its heading.
        lead: One or two sentences with the main numbers.
        alternative: What the figure shows, for people who do not see it.
        caption: What it is made of and what could be misunderstood, as HTML.
        svg: The figure as the text of an SVG file; it needs no other file, and follows light and dark screens.
        rows: All rows behind it, with their SQL; names of accounts and ids of sounds are left out.
    """

    name: str
    title: str
    lead: str
    alternative: str
    caption: str
    svg: str
    rows: Rows

    def as_html(self) -> str:
        """The figure with its heading and sentences; nothing is loaded from elsewhere."""
        encoded = base64.b64encode(self.svg.encode()).decode()
        return (
            f'<section id="{self.name}">\n<h2 style="font: bold 1.3rem sans-serif">{text(self.title)}</h2>\n'
            f"<p>{text(self.lead)}</p>\n<figure>\n"
            f'<img src="data:image/svg+xml;base64,{encoded}" alt="{text(self.alternative)}" style="max-width: 100%">\n'
            f"<figcaption>{self.caption}</figcaption>\n</figure>\n</section>\n"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What figures can be limited to.

    Attributes:
        searches: The searches that the study has or had, by name.
        first_day: First UTC day of posting; None if no day was due.
        last_day: The UTC day of the publication; None if no day was due.
    """

    searches: tuple[str, ...]
    first_day: date | None
    last_day: date | None


def study_choices(published: Path) -> Choices:
    """The searches and days of the published file; its errors are those of `study_figures`."""
    with open_study(published) as study:
        found = study.query("select distinct search from ops.search_coverage order by search").rows
        facts, published_date = read_facts(study), study.published_at.date()
    return Choices(
        searches=tuple(row["search"] for row in found),
        first_day=facts["first_day"].value,
        last_day=published_date if facts["first_day"].value else None,
    )


def study_figures(published: Path, *, selection: Selection = EVERYTHING, zone: str = "UTC") -> list[Figure]:
    """The figures of the report of the selected searches and days; parts without rows are left out.

    Args:
        published: The published file; it is only read.
        selection: Searches and days.
        zone: Time zone of hours.

    Raises:
        UsageError: Nothing is published, the file is damaged or older, or the zone is unknown.
        WriterLocked: Another program holds the published file for writing.
    """
    from tt_pipeline.reports.charts import WIDE, Frame
    from tt_pipeline.reports.study_report.page import find_part, known_breaks
    from tt_pipeline.reports.study_report.parts import PARTS

    with open_study(published, zone=zone, selection=selection) as study:
        breaks = known_breaks(study)
        frame = Frame(width=WIDE, breaks=breaks, is_simulated=study.is_simulated, zone=study.zone)
        found = [find_part(study, part, with_names=False) for part in PARTS]
        return list(_drawn(study, found, frame, read_facts(study)))


def _drawn(study: PublishedStudy, found: Sequence["FoundPart"], frame: "Frame", facts: Facts) -> Iterator[Figure]:
    from tt_pipeline.reports import charts
    from tt_pipeline.reports.study_report.page import caption

    with_rows = [(each.part, each.rows, each.part.rows_to_draw(each.rows)) for each in found if each.rows]
    for number, (part, rows, drawn) in enumerate(((part, rows, d) for part, rows, d in with_rows if d), start=1):
        lead = part.lead(rows)
        alternative = f"{part.draws} {lead}"
        yield Figure(
            name=part.name,
            title=part.title,
            lead=lead,
            alternative=alternative,
            caption=caption(study, part, rows, number, frame.breaks, facts),
            svg=standalone(charts.svg(part.draw(drawn, frame), frame, alternative=alternative)),
            rows=rows,
        )
