"""`tt restore`: make the data dir from a backup."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tt_pipeline.cli.console import problem, say
from tt_pipeline.codebook.limits import MOST_IDS_PER_TASK
from tt_pipeline.counted import counted
from tt_pipeline.errors import TtPipelineError

if TYPE_CHECKING:  # needs DuckDB, polars or pydantic, which other commands do without
    from tt_pipeline.coverage import Workspace
    from tt_pipeline.landing import Redaction
    from tt_pipeline.warehouse import PublishReport


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
    from tt_pipeline.audit_log import Deed, note_deed
    from tt_pipeline.coverage import Restored, make_places, note_restored, open_workspace, read_restored
    from tt_pipeline.duties import remove_deleted
    from tt_pipeline.ingestion import publish_warehouse, rebuild_warehouse
    from tt_pipeline.safekeeping import restore as restore_backup
    from tt_pipeline.settings import read_settings
    from tt_pipeline.studies import study_or_empty

    settings = read_settings()
    if as_of and (waiting := read_restored(settings.files)):
        note_restored(settings.files, replace(waiting, is_published=True))
        with open_workspace(
            settings, study_or_empty(settings.study_file, is_named=settings.study is not None)
        ) as opened:
            _say_as_of(publish_warehouse(opened))
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
    for what, kept in (("study", report.kept_study), ("ledger", report.kept_ledger)):
        if kept is not None:
            say(f"The {what} that was there is kept: {kept}")
    study = study_or_empty(settings.study_file, is_named=settings.study is not None)
    with open_workspace(settings, study) as workspace:
        removed = remove_deleted(workspace)
        _say_deleted_again(removed)
        now = workspace.clock.now()
        is_less = removed.files > 0
        note_restored(settings.files, Restored(restored_at=now, is_published=as_of, accepts_loss=is_less))
        note_deed(settings.files.audit, Deed.RESTORE, now, {"landed files": len(report.manifest.below("landing"))})
        rebuild_warehouse(workspace, accepts_loss=is_less)
        say(f"Restored what was backed up at {report.manifest.made_at:%Y-%m-%d %H:%M} UTC.")
        if as_of:
            _say_as_of(publish_warehouse(workspace))
        else:
            _say_what_to_check(workspace)
    if not settings.client_secret.get_secret_value():
        say("The backup has no client key and secret: write them into .env, which `tt init` makes.")


def _say_as_of(published: "PublishReport") -> None:
    say(f"{counted(published.rows['core.videos'], 'video')} in {published.published}.")
    problem(
        "What TikTok has deleted since the backup is in it again. Check it before you use it: `tt refresh`; `tt up` and"
        " `tt collect` do it first."
    )


def _say_what_to_check(workspace: "Workspace") -> None:
    from tt_pipeline.duties import REQUESTS_A_TASK, refresh_state

    checks = refresh_state(workspace).checks
    stored = " and ".join(counted(each.stored, kind) for kind, each in checks.items())
    tasks = sum(-(-len(each.to_ask) // MOST_IDS_PER_TASK) for each in checks.values())
    say(
        f"The warehouse has {stored}. Nothing is published before they were checked, because TikTok may have deleted"
        f" some since the backup. `tt refresh` does it, with about {counted(tasks * REQUESTS_A_TASK, 'request')};"
        " `tt collect` does it first."
    )


def _say_deleted_again(removed: "Redaction") -> None:
    if removed.files:
        say(
            f"What was deleted since was deleted again: {counted(removed.records, 'record')} and"
            f" {counted(removed.pages, 'whole page')} in {counted(removed.files, 'landed file')}."
        )
