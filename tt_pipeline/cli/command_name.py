"""How to call this program again, which depends on how it was installed.

Messages say `tt status`. Somebody who runs the program through uvx has no `tt`, and in a clone it is `.venv/bin/tt`;
`as_typed` writes into a message what works here.
"""

import json
import re
import shlex
import shutil
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

PACKAGE: Final = "tt-pipeline"
_NAMES: Final = ("tt", PACKAGE)
_HINT: Final = re.compile(r"`tt(?=\s)")


def as_typed(text: str, command: str | None = None) -> str:
    """The text with every command such as `tt status` as it can be typed in this shell.

    Args:
        text: A message.
        command: What to write for `tt`; by default how this process was called.
    """
    typed = command or this_command()
    return _HINT.sub(lambda _: f"`{typed}", text)


@cache
def this_command() -> str:
    """How this process was called; `tt` if it was not called through one of the installed commands."""
    program = Path(sys.argv[0])
    if program.name not in _NAMES:
        return "tt"
    return without_installation(Path(sys.prefix), installed_from()) or installed_command(program)


def without_installation(environment: Path, origin: Path | None = None) -> str | None:
    """The command if uvx or `pipx run` made the environment for this call only; otherwise None.

    Args:
        environment: The environment's folder, `sys.prefix`.
        origin: The wheel or folder that it was installed from, if not from a package index.
    """
    folders = environment.parts
    if any(re.match(r"(archive|environments)-v\d", folder) for folder in folders):
        return f"uvx --from {shlex.quote(f'{origin}')} {PACKAGE}" if origin else f"uvx {PACKAGE}"
    if "pipx" in folders and not {"cache", ".cache"}.isdisjoint(folders):
        return f"pipx run --spec {shlex.quote(f'{origin}')} {PACKAGE}" if origin else f"pipx run {PACKAGE}"
    return None


def installed_command(program: Path) -> str:
    """The program's name if the shell finds it; otherwise with its folder, relative if that is below this one."""
    folder, found = program.parent.resolve(), shutil.which(program.name)
    if found and Path(found).parent.resolve() == folder:
        return program.name
    return str(folder.relative_to(Path.cwd()) / program.name if folder.is_relative_to(Path.cwd()) else program)


def installed_from() -> Path | None:
    """The wheel or folder that the package was installed from; None for a package index."""
    try:
        record = distribution(PACKAGE).read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    address = urlsplit(json.loads(record)["url"]) if record else None
    return Path(unquote(address.path)) if address and address.scheme == "file" else None
