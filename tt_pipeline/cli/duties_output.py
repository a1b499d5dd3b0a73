"""What `tt duties` prints: each duty, and below it its state in this data dir, on one screen."""

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from tt_pipeline.cli.console import OUT, say
from tt_pipeline.counted import counted, every
from tt_pipeline.duties import AGREED, DutyState, KeyFile
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study
from tt_pipeline.tombstones import DeletionReason

_INDENT: Final = "  "
_YOURS: Final = "Yours: the software cannot know it."


def show_duties(settings: Settings, study: Study, state: DutyState) -> None:
    """Print the duties and their state."""
    say(f"What you agreed to, and its state in {settings.data_dir}. docs/duties.md explains each.")
    states = (
        _checks(study, state),
        _copies(study, state),
        [_YOURS],
        [_readers(state)],
        [_YOURS],
        _law(study),
        _secrets(state),
        [_end(state)],
    )
    for duty, lines in zip(AGREED, states, strict=True):
        OUT.print(Text(f"{duty.duty}.", style="bold"))
        for line in lines:
            say(f"{_INDENT}{line}", hang=len(_INDENT))


def _checks(study: Study, state: DutyState) -> Iterator[str]:
    if state.has_ended:
        yield "The study has ended: nothing is stored."
        return
    if not state.checks:
        yield "Nothing is published yet, so nothing can be said of its age."
    for checks in state.checks:
        if checks.stored:
            yield f"{checks.summary}."
            yield from checks.sentences
    if state.published_at:
        how = f"{every(study.compliance.refresh_days)} by `tt refresh`"
        yield f"{how[0].upper()}{how[1:]}; as published on {state.published_at:%Y-%m-%d}."


def _copies(study: Study, state: DutyState) -> Iterator[str]:
    on_request = sum(number for reason, number in state.deleted.items() if reason is not DeletionReason.GONE)
    gone = state.deleted.get(DeletionReason.GONE, 0)
    yield (
        f"Deleted here: {gone:,} because gone, {on_request:,} on request; {counted(state.reports, 'signed report')}."
    )
    if state.is_deleting:
        yield "A deletion was interrupted: `tt purge --continue` goes on."
    newest = next((each.made_at for each in state.backups if each.made_at), None)
    age = f", the newest {counted((state.now - newest).days, 'day')} old" if newest else ""
    named = len(study.compliance.copies)
    yield (
        f"Known copies: {counted(len(state.exports), 'export')}, {counted(len(state.backups), 'backup')}{age},"
        f" {counted(named, 'folder')} named in the study."
    )
    if state.lost_exports:
        number = counted(len(state.lost_exports), "export", "are")
        yield f"{number} not where `tt export` wrote them: what must be deleted is deleted there when they are back."


def _readers(state: DutyState) -> str:
    if not state.group:
        return "Only the owner of the data dir can read it (TT_SHARE_GROUP names no group)."
    size = f", which has {counted(state.group_size, 'account')} here" if state.group_size is not None else ""
    return f"The owner and the group {state.group} can read it{size}."


def _law(study: Study) -> Iterator[str]:
    omitted = len(study.privacy.omitted)
    profiles = "collected" if study.users.wanted else "not collected"
    comments = "collected" if study.comments.wanted else "not collected"
    yield f"Comments are {comments}, profiles {profiles}; {counted(omitted, 'field')} left out of requests."
    yield "`tt duties --dmp` drafts the data management plan and the record of processing."


def _secrets(state: DutyState) -> Iterator[str]:
    present = [each for each in state.key_files if each.mode is not None]
    yield f"{', '.join(map(_shown, present))}." if present else "No file with a secret is here."
    for each in present:
        if each.is_open:
            yield f"Other users can read {each.file}: type `chmod 600 {each.file}`."


def _shown(key: KeyFile) -> str:
    return f"{key.file} has mode {key.mode:o}"


def _end(state: DutyState) -> str:
    if state.has_ended:
        return "The study has ended: its data was deleted."
    return "Not ended; `tt purge --all` deletes everything and certifies it."
