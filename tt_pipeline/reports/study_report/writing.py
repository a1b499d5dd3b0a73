"""Writes report and passport to their files; and gives the methods text. What draws is imported when it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tt_pipeline.reports.study_report.rows import open_study
from tt_pipeline.safe_files import write_whole

if TYPE_CHECKING:
    from tt_pipeline.reports.study_report.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport:
    """A report that was written.

    Attributes:
        file: Where it is.
        bytes: Its size.
        figures: How many figures it has.
        left_out: Titles of parts without data.
        numbers: Facts of the study that are numbers, for example `videos`, and `hidden_share` from 0 to 1; unknown ones
            are left out.
    """

    file: Path
    bytes: int
    figures: int
    left_out: tuple[str, ...]
    numbers: Mapping[str, float]


def write_report(published: Path, file: Path, *, zone: str = "UTC", with_names: bool = False) -> WrittenReport:
    """Write the report, an HTML file of at most 5 MB that needs no other file and no network.

    Args:
        published: The published file; nothing else is read.
        file: Where to write; a file that is there is replaced as a whole.
        zone: Time zone of the hours, for example Europe/Berlin; days stay UTC.
        with_names: Whether usernames and ids of sounds are shown; then the file is a copy of personal data.

    Raises:
        UsageError: Nothing is published, the file cannot be read, or the zone is unknown.
        WriterLocked: Another program holds the published file for writing.
        StorageFailed: The report cannot be written.
    """
    from tt_pipeline.reports.study_report.page import report_page

    with open_study(published, zone=zone) as study:
        made = report_page(study, with_names=with_names)
    write_whole(file, made.html)
    return WrittenReport(
        file=file,
        bytes=len(made.html.encode()),
        figures=made.figures,
        left_out=made.left_out,
        numbers=_numbers(made.facts),
    )


def write_passport(published: Path, file: Path, *, with_names: bool = False) -> None:
    """Write the study passport, an HTML file; arguments and errors are those of `write_report`."""
    from tt_pipeline.reports.study_report.passport import passport_page

    with open_study(published) as study:
        html = passport_page(study, with_names=with_names)
    write_whole(file, html)


def write_comparison(published: Path, against: str, file: Path) -> None:
    """Write the comparison with another published file, an HTML file that names nobody.

    Args:
        published: The published file.
        against: Another published file, or the data dir of one.
        file: Where to write; a file that is there is replaced as a whole.

    Raises:
        UsageError: Nothing is published, there is no such other file, or one of the two cannot be read.
        WriterLocked: Another program holds one of the files for writing.
        StorageFailed: The page cannot be written.
    """
    from tt_pipeline.reports.study_report.comparison import comparison_page, open_both

    with open_both(published, against) as (study, other):
        html = comparison_page(study, other)
    write_whole(file, html)


def methods_text(published: Path, *, is_latex: bool = False, with_names: bool = False) -> str:
    """The methods text with its limitations and references, as Markdown or LaTeX.

    Args:
        published: The published file.
        is_latex: Whether it is LaTeX.
        with_names: Whether queries show accounts and ids.

    Raises:
        UsageError: Nothing is published, or the file cannot be read.
        WriterLocked: Another program holds the published file for writing.
    """
    from tt_pipeline.reports.study_report.methods import methods_of

    with open_study(published) as study:
        methods = methods_of(study, with_names=with_names)
    return methods.as_latex() if is_latex else methods.as_markdown()


def _numbers(facts: "Facts") -> dict[str, float]:
    return {name: fact.value for name, fact in facts.items() if isinstance(fact.value, int | float)}
