"""Read a YAML text as plain values with their line numbers; other modules check the values.

Every scalar stays the text that was typed: YAML would turn the region NO into false, the keyword 007 into 7 and 1:30
into 90. Only an empty value, ~ and null are None.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import StudyError
from tt_pipeline.studies.document import Document, KeyPath, Place, Problem

LARGEST_STUDY: Final = 2 * 1024**2
"""Bytes of a study file; its longest lists belong into files of their own."""
LARGEST_LIST: Final = 16 * 1024**2
"""Bytes of a value file: 100,000 links to videos have 8 million."""
_DEEPEST = 20  # A study needs eight levels; an alias to its own parent is endless.
_MOST_VALUES = 200_000  # Ten aliases of ten aliases of ten … are a short text with endless values.
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")  # YAML can escape characters that no file, URL or message can contain.
_QUOTED = re.compile(r"""(["']).*?\1""")
_LOST_BRACKET = re.compile(r"^[^#]*[\[{](?:[^\]}#]*[\s,])?(#[^\s,\]}]+)[^\]}]*[\]}]")
_QUOTE_MARKS = frozenset({"'", '"'})
_CLOSED_BY = {"[": "]", "{": "}"} | {mark: mark for mark in _QUOTE_MARKS}
_START = "`tt init` writes a study to start from."
_QUOTES = "Quote text that starts with # or @, or contains a colon or a question mark."


def read_document(file: Path) -> Document:
    """Read a YAML mapping.

    Raises:
        StudyError: The file is missing, not text, not YAML, empty, or not a mapping; or it repeats a key.
    """
    split = "Write long lists into files of their own: `usernames: {file: accounts.txt}`."
    text = read_text(file, largest=LARGEST_STUDY, too_large=split, remedy=_remedy_of_missing(file))
    return parse_document(text, file)


def _remedy_of_missing(file: Path) -> str:
    """What to do without a study: begin one, or get back the one of the data that is in its folder."""
    if DataDir(file.parent).landing.exists():
        return (
            "The data that was collected for it is still there. Copy the study from a backup (from its folder `study`),"
            " or write it again: what was collected for the same queries is not requested again."
            ' `tt sql "from ops.searches"` shows the queries.'
        )
    return f"The current folder is {Path.cwd()}. {_START}"


def parse_document(text: str, file: Path) -> Document:
    """Read a YAML mapping that is, or will be, the text of a file.

    Raises:
        StudyError: It is not YAML, empty, or not a mapping; or it repeats a key.
    """
    root = _compose(file, text)
    if root is None:
        has_comments = "only comments are in it. `tt init --force` replaces it with a study to start from."
        raise StudyError(file, None, "", has_comments if text.strip() else f"is empty. {_START}")
    if not isinstance(root, yaml.MappingNode):
        raise StudyError(file, _line(root), "", "has no keys; a study starts with a line like `study: My title`.")
    reader = _Reader(file)
    document = Document(file=file, content=reader.value(root, ()), places=reader.places)
    if reader.problems:
        raise document.error(reader.problems)
    return document


def read_text(file: Path, *, largest: int, too_large: str, remedy: str) -> str:
    """The text of a file.

    Args:
        file: A text file.
        largest: In bytes; no more is read.
        too_large: End of the message when the file is larger.
        remedy: End of the message when the file does not exist.

    Raises:
        StudyError: The file is missing, not a file of a disk, too large, not readable, or not UTF-8.
    """
    try:
        content = _read(file, largest + 1)
        if len(content) > largest:
            raise StudyError(file, None, "", f"is larger than {largest:,} bytes. {too_large}")
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise StudyError(file, None, "", "does not exist. " + remedy) from None
    except OSError as error:
        raise StudyError(file, None, "", f"cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise StudyError(file, None, "", "is not UTF-8 text; save it with the encoding UTF-8.") from error


def _read(file: Path, most: int) -> bytes:
    # A pipe would be waited for, a device such as /dev/zero never ends: neither is read.
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as handle:
        kind = os.fstat(handle.fileno()).st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            raise StudyError(file, None, "", "is a device or a pipe; write the values into a file.")
        return handle.read(most)


def _compose(file: Path, text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise StudyError(file, *(_lost_bracket(text) or _syntax_problem(error, text))) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise StudyError(file, line, "", "contains a control character; delete it.") from error
    except RecursionError as error:
        raise StudyError(file, None, "", "is nested too deeply.") from error


def _lost_bracket(text: str) -> tuple[int, str, str] | None:
    """The first line whose closing bracket comes after a #, which starts a comment in YAML."""
    for number, line in enumerate(text.splitlines(), start=1):
        if lost := _LOST_BRACKET.search(_QUOTED.sub("''", line)):
            remedy = f"quote it as in '{lost[1]}', or delete the #"
            return number, "", f"is not YAML: {lost[1]} starts a comment, so its bracket is never closed; {remedy}."
    return None


def _syntax_problem(error: yaml.MarkedYAMLError, text: str) -> tuple[int | None, str, str]:
    if error.problem_mark and (opened := _opened(error, text, error.problem_mark)):
        return opened.line + 1, "", _never_closed(text[opened.index], opened, error.problem_mark, text)
    line = error.problem_mark.line + 1 if error.problem_mark else None
    if "'\\t'" in str(error.problem):
        return line, "", "is not YAML: it contains a tab; indent with spaces."
    problem = f"{error.context or ''} {error.problem}" if str(error.problem).startswith("but") else error.problem
    return line, "", f"is not YAML: {problem}. {_QUOTES}"


def _opened(error: yaml.MarkedYAMLError, text: str, at: yaml.Mark) -> yaml.Mark | None:
    """Where the bracket or quote opens that makes a later line an error, or the end of the text; None for others."""
    begun = error.context_mark
    if begun and text[begun.index : begun.index + 1] in _CLOSED_BY:
        is_far = begun.line < at.line or text[at.index :].strip()[:1] in {"", *_CLOSED_BY.values()}
        return begun if is_far else None
    with suppress(yaml.YAMLError):  # the text before the error
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            start: yaml.Mark = token.start_mark
            is_quoted = isinstance(token, yaml.ScalarToken) and token.style in _QUOTE_MARKS
            if is_quoted and start.line < token.end_mark.line == at.line:
                return start  # a quote of a later line closes it
    return None


def _never_closed(mark: str, opened: yaml.Mark, at: yaml.Mark, text: str) -> str:
    close = f"close it with {_CLOSED_BY[mark]}"
    if mark in _QUOTE_MARKS:
        return f"is not YAML: the {mark} in this line opens a text that does not end in it; {close}."
    is_swallowed = at.line > opened.line and text[at.index :].strip()
    if is_swallowed:
        limit = f"not closed before line {at.line + 1}"
        return f"is not YAML: the {mark} in this line is {limit}; {close}, or write the comma that is missing there."
    return f"is not YAML: the {mark} in this line is never closed; {close}."


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


@dataclass(frozen=True, slots=True)
class _Reader:
    """Converts YAML nodes to values and collects their places."""

    file: Path
    places: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def value(self, node: yaml.Node, path: KeyPath) -> object:
        # The place of a value is the line of its key, which is set already.
        self.places.setdefault(path, Place(self.file, _line(node)))
        if len(path) > _DEEPEST:
            raise StudyError(self.file, _line(node), "", "is nested too deeply.")
        if len(self.places) > _MOST_VALUES:
            problem = f"has more than {_MOST_VALUES:,} values, because aliases (*name) repeat them; write fewer."
            raise StudyError(self.file, _line(node), "", problem)
        if isinstance(node, yaml.MappingNode):
            return dict(self._items(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _items(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, object]]:
        for key_node, value_node in node.value:
            below = (*path, self._text(key_node, path) if isinstance(key_node, yaml.ScalarNode) else "?")
            if below in self.places:
                first = self.places[below].line
                text = f"is written twice, in line {first} and in line {_line(key_node)}; delete one."
                self.problems.append(Problem(path=below, text=text))
                continue
            self.places[below] = Place(self.file, _line(key_node))
            yield str(below[-1]), self.value(value_node, below)

    def _scalar(self, node: yaml.Node, path: KeyPath) -> str | None:
        text = self._text(node, path)
        is_plain = isinstance(node, yaml.ScalarNode) and node.style is None
        return None if is_plain and text in {"", "~", "null"} else text

    def _text(self, node: yaml.Node, path: KeyPath) -> str:
        if _UNWRITABLE.search(node.value):
            self.problems.append(Problem(path=path, text="contains an incomplete character or a null byte; retype it."))
        return str(node.value)
