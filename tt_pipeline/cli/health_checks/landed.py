"""What `tt doctor` says of landed files: whether each line is still what was written."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from rich.progress import track

from tt_pipeline.cli.console import ERR
from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing import Inventory, Location

_MOST_NAMED: Final = 5


def damage(landing: Path, *, deep: bool) -> tuple[str, str]:
    """How many files there are and were read, and what is wrong with them; nothing where nothing is.

    Args:
        landing: The landing folder.
        deep: Every file is read; else those that have changed since the index read them.
    """
    inventory = Inventory(landing)
    every = inventory.locations()
    files = list(dict.fromkeys([*(every if deep else []), *inventory.changed()]))
    shown = track(files, "reading landed files", console=ERR, transient=True)
    damaged = {file: problems for file in shown if (problems := list(file.problems()))}
    read = "all were read" if deep else f"{len(files):,} were read, because the index does not know them"
    told = f"{len(every):,}; {read}" if files else f"{len(every):,}, as the index knows them"
    return told, " ".join(_told(damaged)) if damaged else ""


def _told(damaged: dict[Location, list[CorruptLanding]]) -> Iterator[str]:
    yield f"{len(damaged):,} are damaged:"
    named = ", ".join(_named(*each) for each in islice(damaged.items(), _MOST_NAMED))
    yield f"{named}{' and others' if len(damaged) > _MOST_NAMED else ''}."
    if any(problem.is_newer for problems in damaged.values() for problem in problems):
        yield "A later version wrote some of it: update tt_pipeline first."
    yield (
        "Put the files back from a copy. If there is none, `tt collect` keeps their good pages and asks again for the "
        "others, which costs requests."
    )


def _named(file: Location, problems: list[CorruptLanding]) -> str:
    first, *others = problems
    line = f":{first.line}" if first.line else ""
    more = f" (and {len(others):,} more lines)" if others else ""
    return f"{file.name}{line} {first.problem}{more}"
