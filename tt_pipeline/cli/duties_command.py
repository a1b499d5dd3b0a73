"""`tt duties`: its options; `duties_output.py` prints, `duties/data_management.py` writes the plan."""

from pathlib import Path
from typing import Annotated

import typer

from tt_pipeline.cli.console import say, write_for_programs
from tt_pipeline.cli.project import project_settings
from tt_pipeline.errors import UsageError

Dmp = Annotated[
    bool,
    typer.Option("--dmp", help="Write a data management plan with a record of processing (GDPR, Art. 30) in Markdown."),
]
Output = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="With --dmp: a new file for it; stdout without one.")
]


def duties(*, dmp: Dmp = False, output: Output = None) -> None:
    """Show what you have agreed to and its state here: checks, deletions, copies, backups, who can read. Sends nothing.

    With --dmp it drafts a data management plan from the study and the data dir; what only you know is marked in it.
    """
    from tt_pipeline.cli.duties_output import show_duties
    from tt_pipeline.duties import duty_state, management_plan
    from tt_pipeline.safe_files import write_whole
    from tt_pipeline.studies import study_or_empty

    if output and not dmp:
        raise UsageError("--output belongs to --dmp, which writes the plan. Nothing was written.")
    if output and (output.exists() or not output.absolute().parent.is_dir()):
        problem = "exists already, perhaps with your answers in it" if output.exists() else "is in no folder"
        raise UsageError(f"{output} {problem}, so nothing was written. Name a new file in a folder that exists.")
    settings = project_settings()
    study = study_or_empty(settings.study_file, is_named=settings.study is not None)
    state = duty_state(settings, study)
    if not dmp:
        show_duties(settings, study, state)
        return
    text = management_plan(settings, study, state)
    if not output:
        write_for_programs(text)
        return
    write_whole(output.absolute(), text)
    gaps = text.count("[to be filled in")
    say(f"{output} written: a draft. {gaps} places marked [to be filled in: …] are yours.")
