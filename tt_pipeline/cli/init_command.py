"""`tt init`: its options; `init_run.py` writes the files."""

from typing import Annotated, Final

import typer

from tt_pipeline.cli.options import FirstDay

_LIST: Final = "A,B"


def init(
    *,
    title: Annotated[str | None, typer.Option(help="Title of the study.")] = None,
    from_: FirstDay = None,
    to: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last UTC day; none if it is empty.")] = None,
    words: Annotated[
        str | None, typer.Option(metavar=_LIST, help="Words or #hashtags; a video needs one of them.")
    ] = None,
    accounts: Annotated[str | None, typer.Option(metavar=_LIST, help="Only videos of these accounts.")] = None,
    countries: Annotated[
        str | None, typer.Option(metavar=_LIST, help="Only creators of these countries, as in DE,AT.")
    ] = None,
    comments: Annotated[
        bool | None, typer.Option("--comments/--no-comments", help="Whether comments are collected.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing study.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Only write the schema for editors again, as after an update.")
    ] = False,
) -> None:
    """Write a commented study, its schema for editors, and a .env for your credentials; only you can read them.

    Without options it asks on a terminal, and elsewhere writes an example to edit. With options it asks nothing: what
    they leave open has its usual value.
    """
    from tt_pipeline.cli.init_run import write_project, write_schema_again
    from tt_pipeline.settings import read_settings

    settings = read_settings()
    if schema:
        write_schema_again(settings.study_file)
        return
    options = {
        "--title": title,
        "--from": from_,
        "--to": to,
        "--words": words,
        "--accounts": accounts,
        "--countries": countries,
        "--comments": None if comments is None else ("yes" if comments else "no"),
    }
    write_project(settings, {name: value for name, value in options.items() if value is not None}, replaces=force)
