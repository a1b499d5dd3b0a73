"""`tt check`: the study in English, the queries that are sent, and its notices."""

from pathlib import Path

from rich.text import Text

from tt_pipeline.cli.console import OUT, heading, say
from tt_pipeline.cli.plan_output import edit_sentences, show_notices
from tt_pipeline.cli.query_lines import query_lines
from tt_pipeline.cli.study_title import title_sentences
from tt_pipeline.clock import today
from tt_pipeline.counted import counted
from tt_pipeline.coverage import check_key
from tt_pipeline.errors import KeyChanged, StudyError
from tt_pipeline.planning import open_coverage
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Search, Study, date_notices, read_study, routine, sentence


def show_study(settings: Settings, file: Path) -> None:
    """Describe a study.

    Raises:
        StudyError: The study has mistakes; its notices have been printed.
    """
    try:
        study = read_study(file)
    except StudyError as error:
        show_notices(error.notices)
        raise
    OUT.print(Text(study.title, style="bold") + Text(f", from {_span(study)} ({study.file})"))
    for search in study.searches:
        _show_search(search, study)
    heading("When and how")
    for rule in routine(study):
        say(rule)
    with open_coverage(settings, study) as coverage:
        of_edits = [*title_sentences(settings, study), *edit_sentences(settings, study, coverage)]
    show_notices([*_of_key(settings), *study.notices, *date_notices(study, today(settings.open_clock())), *of_edits])
    valid = counted(len(study.searches), "search", "are") + " valid"
    say(f"\n{valid}; nothing was sent. `tt plan` shows what the study costs.")


def _of_key(settings: Settings) -> list[str]:
    try:
        check_key(settings)
    except KeyChanged as error:
        return [f"{error}"]
    return []


def _show_search(search: Search, study: Study) -> None:
    heading(search.name)
    say(f"{sentence(search)}.")
    if _span(search) != _span(study):
        say(f"Only from {_span(search)}.")
    sent = (search.parts or (search,))[0].query  # of a long list of ids only the first request is shown
    OUT.print(Text(query_lines(sent, OUT.width), style="dim"), soft_wrap=True)


def _span(days: Study | Search) -> str:
    return f"{days.first_day} to {days.last_day or 'now'}"
