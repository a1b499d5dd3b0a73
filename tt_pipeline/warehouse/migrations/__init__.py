"""How an older file becomes a present one: numbered `.sql` files, forward only.

A new file is made from the catalog and is at the highest version at once, so a change of the catalog's tables always
comes with a file `NNNN_what.sql` here; a test compares both ways.
"""

from collections.abc import Mapping
from importlib.resources import files

FIRST_VERSION = 1
"""What the catalog was before the first migration."""


def migrations() -> dict[int, str]:
    """SQL by the version it leads to, ascending."""
    scripts = sorted(file.name for file in files(__name__).iterdir() if file.name.endswith(".sql"))
    return {int(name.split("_")[0]): files(__name__).joinpath(name).read_text(encoding="utf-8") for name in scripts}


def present_version(steps: Mapping[int, str]) -> int:
    """The version of a file made now."""
    return max(steps, default=FIRST_VERSION)
