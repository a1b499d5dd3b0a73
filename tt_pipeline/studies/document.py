"""The plain values of a study file with the line of each, so that every error can name its line."""

from dataclasses import dataclass
from pathlib import Path

from tt_pipeline.errors import StudyError, StudyProblem

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

    def error(self, problems: list[Problem]) -> StudyError:
        """One error with all problems, in the file's order."""
        first, *further = map(self._placed, sorted(problems, key=lambda problem: self._position(problem.path)))
        return StudyError(first.file, first.line, first.where, first.problem, further=further)

    def _placed(self, problem: Problem) -> StudyProblem:
        place = self.places[self.known(problem.path)]
        return StudyProblem(place.file, place.line, path_text(problem.path), problem.text)

    def _position(self, path: KeyPath) -> tuple[int, bool]:
        # A missing key sorts after the existing keys of its parent: a misspelt key is reported before the missing one.
        parent = self.known(path)
        numbers = [number for number, known in enumerate(self.places) if known[: len(parent)] == parent]
        return (numbers[0], False) if path == parent else (numbers[-1], True)

    def known(self, path: KeyPath) -> KeyPath:
        """The longest part of a path that is in the file; a missing key gets the line of its parent."""
        while path and path not in self.places:
            path = path[:-1]
        return path


def path_text(path: KeyPath) -> str:
    """A path as text, for example `searches.climate.regions[0]`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")
