"""A study file's plain values and where each stands: what the reader fills and every complaint looks up."""

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
    """What is wrong with the value at a path of keys."""

    path: KeyPath
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says and where: `places` are in the file's order and know every path of `content`."""

    file: Path
    content: object
    places: dict[KeyPath, Place]

    def error(self, problems: list[Problem]) -> StudyError:
        """All of them, in the file's order."""
        first, *further = map(self._placed, sorted(problems, key=lambda problem: self._position(problem.path)))
        return StudyError(first.file, first.line, first.where, first.problem, further=further)

    def _placed(self, problem: Problem) -> StudyProblem:
        place = self.places[self.known(problem.path)]
        return StudyProblem(place.file, place.line, path_text(problem.path), problem.text)

    def _position(self, path: KeyPath) -> tuple[int, bool]:
        # What is missing comes after all that its parent has, so that a misspelt key is told before the missing one.
        parent = self.known(path)
        numbers = [number for number, known in enumerate(self.places) if known[: len(parent)] == parent]
        return (numbers[0], False) if path == parent else (numbers[-1], True)

    def known(self, path: KeyPath) -> KeyPath:
        """The part of a path that is in the file: a missing key has no line, its parent has."""
        while path and path not in self.places:
            path = path[:-1]
        return path


def path_text(path: KeyPath) -> str:
    """`searches.climate.regions[0]`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")
