"""`tt migrate-storage`: hand a data dir's answers and ledger over to what several machines share."""

from typing import TYPE_CHECKING

from tt_pipeline.cli.console import say
from tt_pipeline.cli.project import project_settings
from tt_pipeline.counted import counted
from tt_pipeline.errors import MoveFailed, UsageError

if TYPE_CHECKING:  # needs pydantic, which other commands do without
    from tt_pipeline.postgres import PostgresUrl
    from tt_pipeline.settings import Settings


def migrate_storage() -> None:
    """Move this data dir's ledger to the database of TT_LEDGER, and its answers to TT_LANDING. Requests nothing.

    Every row and every answer is compared with what arrived. After an interruption run it again: nothing is moved
    twice. The data dir keeps its answers; its ledger is renamed. `tt backup` and `tt restore` lead back.
    """
    from tt_pipeline.postgres import PostgresUrl

    settings = project_settings()
    if not isinstance(settings.ledger_place, PostgresUrl):
        raise UsageError(
            "Nothing was moved: set TT_LEDGER=postgresql://… and, for answers in a bucket, TT_LANDING=s3://…. "
            "docs/several-machines.md says how."
        )
    _move_ledger(settings, settings.ledger_place)
    _share_answers(settings)


def _move_ledger(settings: "Settings", database: "PostgresUrl") -> None:
    from tt_pipeline.landing import LandingZone
    from tt_pipeline.quota import move_ledger
    from tt_pipeline.safe_files import set_aside
    from tt_pipeline.sqlite_file import COMPANIONS

    file = settings.files.internal / "ledger.sqlite"
    if not file.exists():
        say(f"The data dir has no ledger of its own; requests are counted in {database}.")
        return
    with LandingZone(settings.files.landing) as zone, zone.all_leases():  # nobody collects meanwhile
        moved = move_ledger(file, database, settings.open_clock())
        aside = set_aside(file, companions=COMPANIONS, reason="moved")
    before = f" ({moved.before:,} had been moved before)" if moved.before else ""
    say(f"{counted(moved.requests, 'request')} moved to {database} and compared{before}.")
    say(f"The file is kept as {aside.name}.")


def _share_answers(settings: "Settings") -> None:
    from tt_pipeline.coverage import open_workspace
    from tt_pipeline.studies import study_or_empty

    if not settings.landing:
        say("TT_LANDING is not set, so the answers stay on this machine alone.")
        return
    study = study_or_empty(settings.study_file, is_named=settings.study is not None)
    with open_workspace(settings, study) as workspace, workspace.zone.all_leases():
        if found := workspace.zone.shared_differences():
            raise MoveFailed(f"{counted(len(found), 'file')} in {settings.landing} differ from this data dir's")
        files = workspace.zone.index.number_of_files()
    say(f"{counted(files, 'landed file')} in {settings.landing}, compared byte for byte.")
