"""`tt report`: a page that shows what a study has collected, its passport, a comparison, and sentences for a paper."""

from typing import Annotated

import typer

from tt_pipeline.cli.console import problem, say, say_as_is
from tt_pipeline.cli.project import project_settings
from tt_pipeline.counted import counted
from tt_pipeline.errors import UsageError
from tt_pipeline.file_modes import set_readers

Passport = Annotated[
    bool, typer.Option("--passport", help="Write the study passport instead: one page for an ethics board.")
]
Methods = Annotated[bool, typer.Option("--methods", help="Print sentences for a paper instead, as Markdown.")]
Latex = Annotated[bool, typer.Option("--latex", help="With --methods: print LaTeX.")]
Names = Annotated[
    bool, typer.Option("--names", help="Show usernames and ids of sounds; the file is then a copy of personal data.")
]
Against = Annotated[
    str | None,
    typer.Option(
        metavar="PATH", help="Compare with another published file or data dir instead; an older copy is one too."
    ),
]
Zone = Annotated[str, typer.Option(metavar="ZONE", help="Time zone of hours, such as Europe/Berlin; days stay UTC.")]


def report(
    *,
    passport: Passport = False,
    methods: Methods = False,
    latex: Latex = False,
    names: Names = False,
    against: Against = None,
    zone: Zone = "UTC",
) -> None:
    """Write one HTML page that shows what was collected, what is missing, and how far the numbers can be trusted.

    It reads only the published warehouse, sends nothing, opens without a network, and names nobody.
    """
    from tt_pipeline.reports import methods_text, registered_copy, write_comparison, write_passport, write_report

    chosen = [passport, methods, against is not None]
    refusals = {
        "Use one of --passport, --methods and --against.": sum(chosen) > 1,
        "--against names nobody; leave --names out.": names and against is not None,
        "--latex needs --methods.": latex and not methods,
    }
    for refusal, applies in refusals.items():
        if applies:
            raise UsageError(refusal)
    settings = project_settings()
    files = settings.files
    if methods:
        say_as_is(methods_text(files.published, is_latex=latex, with_names=names).rstrip("\n"))
        return
    if against is not None:
        write_comparison(files.published, against, files.comparison)
        set_readers(files.comparison, files.share_group)
        say(f"{files.comparison}: {files.published} compared with {against}.")
        return
    file = files.passport if passport else files.report

    def write() -> str:
        if passport:
            write_passport(files.published, file, with_names=names)
            return "the study passport"
        written = write_report(files.published, file, zone=zone, with_names=names)
        without = f"; left out, as the study has no data: {', '.join(written.left_out)}" if written.left_out else ""
        return f"{counted(written.figures, 'figure')}{without}"

    if not names:
        shown = write()
    else:
        with registered_copy(files, file, "report with names", settings.open_clock().now()) as copy:
            shown = write()
        if unwritten := copy.unrecorded or copy.unnoted:
            problem(f"{unwritten}\nThe file is complete, but it is not registered as a copy: note it yourself.")
    set_readers(file, files.share_group)
    say(f"{file}: {shown}.")
    if names:
        say("It shows names: what must be deleted has to be deleted from this copy too.")
