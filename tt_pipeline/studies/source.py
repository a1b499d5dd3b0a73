"""A YAML text as plain values that remember where they stand; what the values mean is not known here.

Every scalar stays the text that was typed: YAML's own guesses turn the region NO into false, the keyword 007 into 7 and
1:30 into 90. Only an empty value, ~ and null are None.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tt_pipeline.errors import StudyError

KeyPath = tuple[str | int, ...]
_DEEPEST = 20  # A study needs eight levels; an alias to its own parent would never end.
_QUOTES = "Text that starts with # or @, or holds a colon and a blank, needs quotes."


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
    problems: list[Problem] = field(default_factory=list)

    def error(self, problems: list[Problem]) -> StudyError:
        """The first problem in the file's order, and how many follow."""
        order = {path: number for number, path in enumerate(self.places)}
        first = min(problems, key=lambda problem: order[self.known(problem.path)])
        more = len(problems) - 1
        tail = f" ({more} more problem{'s' * (more > 1)} in the file.)" if more else ""
        place = self.places[self.known(first.path)]
        return StudyError(place.file, place.line, path_text(first.path), first.text + tail)

    def known(self, path: KeyPath) -> KeyPath:
        """The part of a path that is in the file: a missing key has no line, its parent has."""
        while path and path not in self.places:
            path = path[:-1]
        return path


def path_text(path: KeyPath) -> str:
    """`searches.climate.regions[0]`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


def read_document(file: Path) -> Document:
    """Read a YAML mapping.

    Raises:
        StudyError: The file is missing, no text, no YAML, empty, or no mapping; or a key stands twice.
    """
    root = _compose(file, read_text(file))
    if root is None:
        raise StudyError(file, None, "", "is empty. `tt init` writes a study to start from.")
    if not isinstance(root, yaml.MappingNode):
        raise StudyError(file, _line(root), "", "holds no keys; a study starts with a line like `study: My title`.")
    reader = _Reader(file)
    document = Document(file=file, content=reader.value(root, ()), places=reader.places)
    if reader.problems:
        raise document.error(reader.problems)
    return document


def read_text(file: Path, *, remedy: str = "`tt init` writes a study to start from.") -> str:
    """The text of a file.

    Args:
        file: Any text file.
        remedy: What to do when it does not exist.

    Raises:
        StudyError: It is missing, a folder, forbidden, or not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise StudyError(file, None, "", "does not exist. " + remedy) from None
    except OSError as error:
        raise StudyError(file, None, "", f"cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise StudyError(file, None, "", "is not UTF-8 text; save it with the encoding UTF-8.") from error


def _compose(file: Path, text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise StudyError(file, *_syntax_problem(error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise StudyError(file, line, "", "holds a control character; delete it.") from error
    except RecursionError as error:
        raise StudyError(file, None, "", "is nested too deeply.") from error


def _syntax_problem(error: yaml.MarkedYAMLError) -> tuple[int | None, str, str]:
    line, begun = (mark.line + 1 if mark else None for mark in (error.problem_mark, error.context_mark))
    if "end" in str(error.problem) and "stream" in str(error.problem):
        opened = f" that is opened in line {begun}" if begun not in {None, line} else ""
        return line, "", f"is not YAML: it ends within a bracket, brace or quote{opened}. {_QUOTES}"
    return line, "", f"is not YAML: {error.problem}. {_QUOTES}"


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns nodes into values and collects their places."""

    file: Path
    places: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def value(self, node: yaml.Node, path: KeyPath) -> object:
        # A key has given its value the key's own line already.
        self.places.setdefault(path, Place(self.file, _line(node)))
        if len(path) > _DEEPEST:
            raise StudyError(self.file, _line(node), "", "is nested too deeply.")
        if isinstance(node, yaml.MappingNode):
            return dict(self._items(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _items(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, object]]:
        for key_node, value_node in node.value:
            below = (*path, str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?")
            if below in self.places:
                first = self.places[below].line
                text = f"stands twice, first in line {first} and again in line {_line(key_node)}; keep one."
                self.problems.append(Problem(path=below, text=text))
                continue
            self.places[below] = Place(self.file, _line(key_node))
            yield str(below[-1]), self.value(value_node, below)

    def _scalar(self, node: yaml.Node, path: KeyPath) -> str | None:
        text = str(node.value)
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            self.problems.append(Problem(path=path, text="holds half a character (a lone surrogate); retype it."))
        is_plain = isinstance(node, yaml.ScalarNode) and node.style is None
        return None if is_plain and text in {"", "~", "null"} else text
