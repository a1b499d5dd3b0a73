"""Compares the installed packages with the versions with which this tt_pipeline was tested.

The list is `requirements.lock`: the wheel has a copy of it, a clone has it beside the package. Other versions that
`pyproject.toml` allows are no fault; the list says what was tried together.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[1]
_LISTS: Final = (_PACKAGE / "requirements.lock", _PACKAGE.parent / "requirements.lock")
_LINE: Final = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[\w.!+-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPackages:
    """The installed packages that the list names.

    Attributes:
        number: How many there are; 0 without a list.
        other: Name, installed version and tested version of those that differ.
    """

    number: int
    other: tuple[tuple[str, str, str], ...]


def compare_packages(lists: Sequence[Path] = _LISTS) -> ComparedPackages:
    """Compare with the first list that is there; packages that only one side has are left out."""
    lock = next((file for file in lists if file.is_file()), None)
    tested = _tested(lock.read_text(encoding="utf-8")) if lock else {}
    named = [(name, version) for name, version in _installed() if name in tested]
    other = [(name, version, " or ".join(tested[name])) for name, version in named if version not in tested[name]]
    return ComparedPackages(number=len(named), other=tuple(other))


def _tested(text: str) -> dict[str, list[str]]:
    """The versions of each package: the list can have one for each Python."""
    tested: dict[str, list[str]] = {}
    for line in filter(None, map(_LINE.match, text.splitlines())):
        tested.setdefault(_normal(line["name"]), []).append(line["version"])
    return tested


def _installed() -> Iterator[tuple[str, str]]:
    found = {_normal(each.name): each.version for each in distributions() if each.name}
    yield from sorted(found.items())


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
