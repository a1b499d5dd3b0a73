"""The option of every command that asks about its price."""

from typing import Annotated

import typer

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Agree to the price; nothing is asked.")]
