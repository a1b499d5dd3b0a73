"""Numbered `.sql` files that update the tables of an older warehouse file to the present version.

A new file is made from the catalog and has the highest version. Therefore every change of the catalog's tables needs a
file `NNNN_what.sql` here; a test checks that an updated file and a new one have the same tables.
"""

from collections.abc import Mapping
from importlib.resources import files

FIRST_VERSION = 1
"""The version of the catalog before the first migration."""


def migrations() -> dict[int, str]:
    """The SQL of each migration, by the version that the file has afterwards, ascending."""
    scripts = sorted(file.name for file in files(__name__).iterdir() if file.name.endswith(".sql"))
    return {int(name.split("_")[0]): files(__name__).joinpath(name).read_text(encoding="utf-8") for name in scripts}


def present_version(steps: Mapping[int, str]) -> int:
    """The version of a new file."""
    return max(steps, default=FIRST_VERSION)
