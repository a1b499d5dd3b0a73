"""`tt refresh`: check that what is stored still exists, hide what does not, delete what is confirmed to be gone."""

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from tt_pipeline.cli.console import problem, say
from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.project import project_settings
from tt_pipeline.counted import counted
from tt_pipeline.errors import RestoredUnchecked
from tt_pipeline.query import spoken

if TYPE_CHECKING:  # needs DuckDB, polars or pydantic, which other commands do without
    from tt_pipeline.duties import DeletionReport, RefreshReport, RefreshState

Now = Annotated[bool, typer.Option("--now", help="Check everything that is due, also if it can wait.")]
Confirm = Annotated[
    bool, typer.Option("--confirm", help="Believe the answers that are doubted: you have looked at them.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what is due and what it costs. Sends nothing.")]


def refresh(*, now: Now = False, confirm: Confirm = False, dry_run: DryRun = False) -> None:
    """Check that stored videos and comments still exist on TikTok, and delete in every copy what is gone.

    What is not returned is hidden at once, and deleted when a second answer confirms it. An answer that says that
    unusually much is gone is doubted: nothing is deleted because of it.
    """
    from tt_pipeline.coverage import open_workspace, shown_as_running
    from tt_pipeline.duties import refresh as carry_out
    from tt_pipeline.duties import refresh_state
    from tt_pipeline.ingestion import check_may_spend, check_writer_is_free, open_session
    from tt_pipeline.studies import study_or_empty

    settings = project_settings()
    settings.files.check_not_ended()
    study = study_or_empty(settings.study_file, is_named=settings.study is not None)
    with open_workspace(settings, study) as workspace:
        state = refresh_state(workspace, at_once=now)
    _show_state(state)
    if dry_run or not (state.is_anything_due or confirm):
        return
    check_may_spend(settings, study)
    with (
        open_session(settings, run_id=f"refresh-{uuid4().hex[:8]}", study=study) as session,
        shown_as_running(settings.files, "tt refresh", session.clock.now()),
    ):
        check_writer_is_free(session)
        report = carry_out(session, settings, at_once=now, confirms=confirm)
    _show(report)
    if not report.is_published:
        problem(f"{RestoredUnchecked()}")
    if report.doubts or report.refused or not report.is_published:
        raise typer.Exit(Exit.FAILED)


def _show_state(state: "RefreshState") -> None:
    for kind, checks in state.by_kind.items():
        oldest = f"; the oldest was seen or checked on {checks.oldest_at:%Y-%m-%d}" if checks.oldest_at else ""
        say(
            f"{counted(checks.stored, kind)} stored: {checks.due:,} due, {checks.overdue:,} overdue,"
            f" {checks.missing:,} missing and hidden{oldest}."
        )
    for doubt in state.doubts:
        problem(doubt)
    from tt_pipeline.duties import price_of_checks

    if state.expired:
        say(
            f"{counted(len(state.expired), 'profile', 'were')} verified too long ago: a refresh deletes names, texts"
            " and pictures, unless a check verifies them before; counts stay."
        )
    asked = [counted(len(checks.to_ask), kind) for kind, checks in state.by_kind.items() if checks.to_ask]
    if not asked:
        say("No check is needed now.")
        return
    say(f"Checking {spoken(asked, last='and')} takes about {counted(price_of_checks(state), 'request')}.")


def _show(report: "RefreshReport") -> None:
    for each in report.returned:
        say(each)
    asked = [counted(number, kind) for kind, number in report.asked.items() if number]
    say(f"Checked: {spoken(asked, last='and') or 'nothing'}, with {counted(report.requests, 'request')}.")
    missing = [counted(number, kind) for kind, number in report.missing.items() if number]
    if missing:
        say(
            f"Missing: {spoken(missing, last='and')}."
            " They are hidden until a second answer confirms that they are gone."
        )
    if report.deletion:
        _show_deletion(report.deletion)
    if report.waits:
        problem(f"What is gone is hidden and not deleted yet. {report.waits}")
    for kind in report.refused:
        problem(f"The server refuses to check {kind}s in tasks, and nothing else can check them.")
    for doubt in report.doubts:
        problem(doubt)
    if report.doubts:
        problem("Nothing was deleted because of these answers. `tt refresh --confirm` believes them.")


def _show_deletion(deletion: "DeletionReport") -> None:
    counts = deletion.counts
    gone = [counted(counts[f"{kind}s"], kind) for kind in ("video", "comment", "profile") if counts[f"{kind}s"]]
    if gone:
        say(f"Deleted in every copy, because they are gone: {spoken(gone, last='and')}.")
    if counts["profile_texts"]:
        say(f"Deleted in every copy: names, texts and pictures of {counted(counts['profile_texts'], 'profile')}.")
    say(f"Signed report: {deletion.file}")
    for each in deletion.by_hand:
        problem(each)
