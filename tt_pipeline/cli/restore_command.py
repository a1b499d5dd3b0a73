"""`tt restore`: make the data dir from a backup."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tt_pipeline.cli.console import problem, say
from tt_pipeline.counted import counted
from tt_pipeline.errors import TtPipelineError

if TYPE_CHECKING:  # needs DuckDB, polars or pydantic, which other commands do without
    from tt_pipeline.coverage import Workspace
    from tt_pipeline.settings import Settings


def restore(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that `tt backup` made.")],
    *,
    as_of: Annotated[
        bool, typer.Option("--as-of", help="Publish it as it was when it was backed up, without checking it first.")
    ] = False,
) -> None:
    """Make the data dir from a backup, and build the warehouse from its answers. Sends nothing.

    The data dir must not have answers yet. A study file and a ledger that are there already are kept.

    TikTok may have deleted some of it since the backup. So nothing is published until `tt refresh` has checked it, or
    with --as-of; that can also be said later.
    """
    from tt_pipeline.coverage import make_places, open_workspace
    from tt_pipeline.safekeeping import restore as restore_backup
    from tt_pipeline.settings import read_settings
    from tt_pipeline.studies import study_or_empty

    settings = read_settings()
    if as_of and _is_restored_from(settings, source):
        with open_workspace(settings, study_or_empty(settings.study_file, is_named=settings.study is not None)) as kept:
            _publish_as_of(kept)
        return
    is_new = not settings.data_dir.exists()
    try:
        report = restore_backup(settings, source)
    except TtPipelineError:
        with suppress(OSError):
            if is_new:
                settings.data_dir.rmdir()
        raise
    make_places(settings)
    for what, kept_file in (("study", report.kept_study), ("ledger", report.kept_ledger)):
        if kept_file is not None:
            say(f"The {what} that was there is kept: {kept_file}")
    study = study_or_empty(settings.study_file, is_named=settings.study is not None)
    with open_workspace(settings, study) as workspace:
        _build(workspace, len(report.manifest.below("landing")))
        say(f"Restored what was backed up at {report.manifest.made_at:%Y-%m-%d %H:%M} UTC.")
        if as_of:
            _publish_as_of(workspace)
        else:
            _say_what_to_check(workspace)
    if not settings.client_secret.get_secret_value():
        say("The backup has no client key and secret: write them into .env, which `tt init` makes.")


def _is_restored_from(settings: "Settings", source: Path) -> bool:
    """Whether this backup was restored here and is not checked yet."""
    from tt_pipeline.coverage import read_restored
    from tt_pipeline.landing import Inventory

    restored = read_restored(settings.files)
    return bool(restored and restored.source == source.resolve() and Inventory(settings.files.landing).locations())


def _build(workspace: "Workspace", landed_files: int) -> None:
    """Delete again what was deleted after the backup, and build the warehouse."""
    from tt_pipeline.audit_log import Deed, note_deed
    from tt_pipeline.duties import remove_deleted
    from tt_pipeline.ingestion import rebuild_warehouse

    files = workspace.files
    removed = remove_deleted(workspace)
    if removed.files:
        say(
            f"What was deleted since was deleted again: {counted(removed.records, 'record')} and"
            f" {counted(removed.pages, 'whole page')} in {counted(removed.files, 'landed file')}."
        )
        files.published.unlink(missing_ok=True)  # a file of before has it
    note_deed(files.audit, Deed.RESTORE, workspace.clock.now(), {"landed files": landed_files})
    rebuild_warehouse(workspace, accepts_loss=True)


def _publish_as_of(workspace: "Workspace") -> None:
    """Publish what was restored as it was, and say what that means."""
    from tt_pipeline.audit_log import Deed, note_deed
    from tt_pipeline.coverage import note_restored, read_restored
    from tt_pipeline.ingestion import deliver
    from tt_pipeline.reports import published_counts

    files = workspace.files
    if restored := read_restored(files):
        note_restored(files, replace(restored, may_be_published=True))
    note_deed(files.audit, Deed.RESTORE, workspace.clock.now(), {}, "published unchecked")
    deliver(workspace)
    say(f"{counted(published_counts(files.published)['videos'], 'video')} in {files.published}.")
    problem(
        "What TikTok has deleted since the backup is in it again. Check it before you use it: `tt refresh`."
        " `tt collect` does it first, `tt up` at 00:20 UTC."
    )


def _say_what_to_check(workspace: "Workspace") -> None:
    from tt_pipeline.duties import price_of_checks, refresh_state

    state = refresh_state(workspace)
    stored = " and ".join(counted(each.stored, kind) for kind, each in state.checks.items())
    say(
        f"The warehouse has {stored}. It is not published before these were checked, because TikTok may have deleted"
        f" some since the backup. `tt refresh` checks and publishes them, with about"
        f" {counted(price_of_checks(state), 'request')}; `tt collect` does it first, `tt up` at 00:20 UTC."
    )
