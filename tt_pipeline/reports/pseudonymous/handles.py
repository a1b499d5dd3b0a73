"""Finds handles in texts: every known one, also without @, with other capitals, and inside longer words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from tt_pipeline.reports.pseudonymous.folding import Span, folded

INSIDE_WORDS: Final = 6
"""Handles of at least so many characters are found inside longer words too; shorter ones only as words."""
_RUN: Final = re.compile(r"[a-z0-9_.]+")
"""What TikTok allows in a handle, in its folded form."""


class Handles:
    """A set of handles that can be found in folded texts.

    A handle shorter than `INSIDE_WORDS` is found as a word: between characters that are no Latin letter, digit or _. A
    handle with other characters is found everywhere, because many scripts write words without blanks between them, or
    with articles and endings attached.
    """

    def __init__(self, usernames: Iterable[str]) -> None:
        self._username_of: dict[str, str] = {}
        for username in sorted(usernames):
            if plain := folded(username).strip():
                self._username_of.setdefault(plain, username)
        self._words: set[str] = set()
        self._by_start: dict[str, list[str]] = defaultdict(list)
        self._odd_by_start: dict[str, list[str]] = defaultdict(list)
        for plain in self._username_of:
            if len(plain) >= INSIDE_WORDS:
                self._by_start[plain[:INSIDE_WORDS]].append(plain)
            elif _RUN.fullmatch(plain):
                self._words.add(plain)
            else:
                self._odd_by_start[plain[0]].append(plain)

    def __len__(self) -> int:
        return len(self._username_of)

    def __iter__(self) -> Iterator[str]:
        """The usernames, as they are written in the warehouse."""
        return iter(self._username_of.values())

    def username_of(self, plain: str) -> str:
        """The username of a found handle."""
        return self._username_of[plain]

    def without(self, words: Iterable[str]) -> "Handles":
        """The handles that are none of these folded words."""
        left_out = frozenset(words)
        return Handles(username for plain, username in self._username_of.items() if plain not in left_out)

    def of_at_least(self, size: int) -> "Handles":
        """The handles with so many bytes or more."""
        return Handles(username for plain, username in self._username_of.items() if len(plain.encode()) >= size)

    def spans(self, text: str) -> Iterator[Span]:
        """Where handles are in a folded text; spans can overlap."""
        if self._words:
            for run in _RUN.finditer(text):
                yield from self._words_in(run[0], run.start())
        if self._by_start:
            yield from self._starting(text, self._by_start, INSIDE_WORDS)
        if self._odd_by_start:
            yield from self._starting(text, self._odd_by_start, 1)

    def is_in(self, text: str) -> bool:
        """Whether a folded text contains one of them."""
        return next(self.spans(text), None) is not None

    def _words_in(self, run: str, start: int) -> Iterator[Span]:
        """A word of a run is the run itself, or some of its parts that full stops separate."""
        if run in self._words:
            yield start, start + len(run)
        elif "." in run:
            parts = [(part.start(), part.end()) for part in re.finditer(r"[^.]+", run)]
            for number, (begin, _) in enumerate(parts):
                for _, end in parts[number:]:
                    if end - begin >= INSIDE_WORDS:
                        break
                    if run[begin:end] in self._words:
                        yield start + begin, start + end

    @staticmethod
    def _starting(text: str, by_start: dict[str, list[str]], size: int) -> Iterator[Span]:
        for place in range(len(text) - size + 1):
            if candidates := by_start.get(text[place : place + size]):
                for plain in candidates:
                    if text.startswith(plain, place):
                        yield place, place + len(plain)
