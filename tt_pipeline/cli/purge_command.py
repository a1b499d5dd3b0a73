"""`tt purge`: delete videos, comments, accounts, searches, days or everything, in every copy, and prove it."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from tt_pipeline.cli.console import heading, problem, say
from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.project import project_settings
from tt_pipeline.counted import counted
from tt_pipeline.errors import AlreadyServed, UsageError

if TYPE_CHECKING:  # needs DuckDB, polars or pydantic, which other commands do without
    from tt_pipeline.coverage import Workspace
    from tt_pipeline.duties import DeletionReport, PurgeRequest, Selection
    from tt_pipeline.settings import Settings

What = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help="Ids of videos or comments, links to videos, or @usernames."),
]
Search = Annotated[
    str | None, typer.Option("--search", metavar="NAME", help="Everything that only this search has found.")
]
First = Annotated[str | None, typer.Option("--from", metavar="DAY", help="Videos posted from this UTC day on.")]
Last = Annotated[str | None, typer.Option("--to", metavar="DAY", help="Videos posted until this UTC day, inclusive.")]
Everything = Annotated[
    bool, typer.Option("--all", help="End the study: delete all data and every copy, and write a certificate.")
]
Certificate = Annotated[
    bool, typer.Option("--certificate", help="With --all: write the certificate. It is written in any case.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted, and where.")]
Forget = Annotated[
    bool, typer.Option("--forget", help="Allow again to collect these ids; what was deleted stays deleted.")
]
Continue = Annotated[bool, typer.Option("--continue", help="Go on with a deletion that was interrupted.")]
Yes = Annotated[bool, typer.Option("--yes", help="Delete without asking.")]


def purge(
    what: What = None,
    *,
    search: Search = None,
    from_: First = None,
    to: Last = None,
    everything: Everything = False,
    certificate: Certificate = False,
    dry_run: DryRun = False,
    forget: Forget = False,
    continue_: Continue = False,
    yes: Yes = False,
) -> None:
    """Delete videos, comments or accounts in every copy: answers, warehouse, exports, backups, logs. Sends nothing.

    A video takes its comments with it, and an account its videos. What is named by id or username is never stored
    again. `tt trace` shows afterwards that nothing is left.
    """
    settings = project_settings()
    chosen = [bool(what), search is not None, from_ is not None or to is not None, everything, continue_]
    if sum(chosen) != 1:
        raise UsageError(
            "Name what is to be deleted, in one way: ids or @usernames, --search, --from and --to, or --all."
            " --continue goes on with a deletion that was interrupted. Nothing was deleted."
        )
    if certificate and not everything:
        raise UsageError("--certificate belongs to --all, which ends the study. Nothing was deleted.")
    if forget and not what:
        raise UsageError("--forget needs the ids or @usernames that may be collected again. Nothing was changed.")
    if everything:
        _end(settings, dry_run=dry_run, yes=yes)
        return
    from tt_pipeline.coverage import open_workspace
    from tt_pipeline.studies import study_or_empty

    study = study_or_empty(settings.study_file, is_named=settings.study is not None)
    with open_workspace(settings, study) as workspace:
        if continue_:
            _continue(settings, workspace)
            return
        request = _request(what, search, _days(from_, to))
        if forget:
            _forget(workspace, request)
            return
        _purge(settings, workspace, request, dry_run=dry_run, yes=yes)


def _request(what: list[str] | None, search: str | None, days: tuple[date, date] | None) -> "PurgeRequest":
    from tt_pipeline.duties import PurgeRequest
    from tt_pipeline.reports import read_identifier

    named = [read_identifier(each) for each in what or ()]
    return PurgeRequest(
        ids=tuple(dict.fromkeys(int(each.word) for each in named if each.is_id)),
        usernames=tuple(dict.fromkeys(each.word for each in named if not each.is_id)),
        search=search,
        days=days,
    )


def _days(from_: str | None, to: str | None) -> tuple[date, date] | None:
    if from_ is None and to is None:
        return None
    if from_ is None or to is None:
        raise UsageError("Name both days, --from and --to; the same day twice for one day. Nothing was deleted.")
    from tt_pipeline.cli.collect_options import day

    first, last = day("--from", from_), day("--to", to)
    if first > last:
        raise UsageError(f"--from {first} is after --to {last}. Nothing was deleted.")
    return first, last


def _purge(settings: "Settings", workspace: "Workspace", request: "PurgeRequest", *, dry_run: bool, yes: bool) -> None:
    from tt_pipeline.duties import Deletion, carry_out, is_under_way, select

    if is_under_way(workspace.files):
        raise UsageError(
            "An earlier deletion was interrupted. Run `tt purge --continue` first; nothing new was deleted."
        )
    selection = select(workspace, request)
    if not selection.subjects:
        say("Nothing of this is stored here; nothing was deleted.")
        return
    if len(selection.unknown) == len(request.ids) + len(request.usernames) > 0:
        raise UsageError(
            f"{', '.join(selection.unknown)}: not stored here, so nothing was deleted. Look for a slip in the id or"
            " username; `tt trace` finds every place that has it."
        )
    _show(workspace, selection)
    if dry_run:
        say("This was a trial run: nothing was deleted.")
        return
    _check_agreed(yes=yes)
    deletion = Deletion(
        subjects=selection.subjects,
        reason=request.reason,
        named_ids=frozenset(request.ids),
        begun_at=workspace.clock.now(),
        note=_note(request),
    )
    _report(carry_out(workspace, settings.study_file, deletion))


def _note(request: "PurgeRequest") -> str:
    """What was asked for, without ids and usernames."""
    if request.search is not None:
        return f"search {request.search}"
    if request.days:
        return f"days {request.days[0]} to {request.days[1]}"
    parts = [(len(request.ids), "id"), (len(request.usernames), "username")]
    return " and ".join(counted(number, noun) for number, noun in parts if number)


def _show(workspace: "Workspace", selection: "Selection") -> None:
    from tt_pipeline.duties import copies_with

    subjects = selection.subjects
    named = [
        (len(subjects.videos), "video"),
        (len(subjects.comments), "comment"),
        (len(subjects.users), "account"),
        (len(subjects.creators), "profile"),
    ]
    say(f"To be deleted: {', '.join(counted(number, noun) for number, noun in named if number)}.")
    landed = workspace.zone.redact(subjects, only_counts=True)
    places = {name: counted(rows, "row") for name, rows in selection.rows.items()}
    if landed.files:
        records, pages = counted(landed.records, "record"), counted(landed.pages, "whole page")
        places["landed answers"] = f"{records} and {pages} in {counted(landed.files, 'file')}"
    places |= {f"{file}": counted(rows, "row") for file, rows in copies_with(workspace.files, subjects).items()}
    if places:
        heading("Where")
        _table(places)
    for each in selection.unknown:
        problem(f"{each}: not stored here.")
    if selection.also_named:
        names = ", ".join(f"@{name}" for name in selection.also_named)
        problem(
            f"Videos of it were also seen as {names}. To delete these too, name them; they can be of somebody else."
        )


def _table(places: Mapping[str, str]) -> None:
    for place, amount in places.items():
        say(f"  {place}: {amount}")


def _check_agreed(*, yes: bool) -> None:
    if yes:
        return
    from tt_pipeline.cli.agreement import agrees, may_ask

    if not may_ask():
        raise UsageError("Nothing was deleted. What is deleted does not come back: run it again with --yes.")
    if not agrees("Delete this? It does not come back. [y/N]: ", no="Nothing was deleted."):
        raise typer.Exit(Exit.WRONG_USAGE)


def _report(report: "DeletionReport") -> None:
    counts = report.counts
    say(
        f"Deleted: {counted(counts['videos'], 'video')}, {counted(counts['comments'], 'comment')},"
        f" {counted(counts['accounts'], 'account')} and {counted(counts['profiles'], 'profile')};"
        f" the warehouse was made{' and published' * report.is_published} again without them."
    )
    for file, rows in report.copies.rows.items():
        say(f"{file}: {counted(rows, 'row', 'were')} removed or masked")
    for backup in report.copies.backups:
        say(f"{backup}: the backup was made again without the data")
    for each in report.by_hand:
        problem(each)
    say(f"Signed report: {report.file}")


def _continue(settings: "Settings", workspace: "Workspace") -> None:
    from tt_pipeline.duties import is_under_way, resume

    if not is_under_way(workspace.files):
        say("No deletion was interrupted; there is nothing to go on with.")
        return
    _report(resume(workspace, settings.study_file))


def _forget(workspace: "Workspace", request: "PurgeRequest") -> None:
    from tt_pipeline.duties import forget_takedowns

    forgotten = forget_takedowns(workspace, request)
    if not forgotten:
        raise UsageError("None of these was deleted on request, so all of them may be collected. Nothing was changed.")
    say(f"{counted(forgotten, 'takedown')} forgotten: a search that finds these again stores them again.")


def _end(settings: "Settings", *, dry_run: bool, yes: bool) -> None:
    from tt_pipeline.coverage import open_workspace
    from tt_pipeline.duties import count_everything, end_study
    from tt_pipeline.safe_files import is_free
    from tt_pipeline.studies import study_or_empty

    files = settings.files
    if not is_free(files.internal / "up.lock"):
        raise AlreadyServed(files.root, "it writes into the data dir, and nothing was deleted")
    if not files.ended.exists():
        study = study_or_empty(settings.study_file, is_named=settings.study is not None)
        with open_workspace(settings, study) as workspace:
            heading(f"To be deleted in {files.root.resolve()} and its exports and backups")
            _table({kind: f"{number:,}" for kind, number in count_everything(workspace).items()})
        if dry_run:
            say("This was a trial run: nothing was deleted.")
            return
        _check_agreed(yes=yes)
    report = end_study(settings)
    for each in report.by_hand:
        problem(each)
    say(f"The study has ended: everything was deleted. Certificate: {report.certificate.with_suffix('.txt')}")
