"""The plain values of a study file with the line of each, so that every error can name its line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tt_pipeline.errors import StudyError, StudyProblem

_LONGEST: Final = 600
"""Characters of a message: somebody may have pasted a book as one value."""
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, counted from 1."""

    file: Path
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem with the value at a path of keys."""

    path: KeyPath
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The values of a file; `places` has the line of every path in `content`, in the file's order."""

    file: Path
    content: object
    places: dict[KeyPath, Place]

    def error(self, problems: list[Problem], *, notices: Sequence[str] = ()) -> StudyError:
        """One error with all problems, in the file's order, and the notices about what has none."""
        first, *further = map(self._placed, sorted(problems, key=self._order()))
        return StudyError(first.file, first.line, first.where, first.problem, further=further, notices=notices)

    def _placed(self, problem: Problem) -> StudyProblem:
        place = self.places[self.known(problem.path)]
        return StudyProblem(place.file, place.line, _shortened(path_text(problem.path)), _shortened(problem.text))

    def _order(self) -> Callable[[Problem], tuple[int, bool]]:
        """The key by which problems are sorted into the file's order."""
        first, last = dict[KeyPath, int](), dict[KeyPath, int]()
        for number, known in enumerate(self.places):
            first[known] = number
            last |= dict.fromkeys((known[:length] for length in range(len(known) + 1)), number)

        def position(problem: Problem) -> tuple[int, bool]:
            # A missing key sorts after the existing keys of its parent: a misspelt key comes before the missing one.
            parent = self.known(problem.path)
            return (first[parent], False) if problem.path == parent else (last[parent], True)

        return position

    def known(self, path: KeyPath) -> KeyPath:
        """The longest part of a path that is in the file; a missing key gets the line of its parent."""
        while path and path not in self.places:
            path = path[:-1]
        return path


def _shortened(text: str) -> str:
    """The text with its middle left out where it is longer than a screen can show."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 4 :]}"


def path_text(path: KeyPath) -> str:
    """A path as text, for example `searches.climate.regions[0]`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")
