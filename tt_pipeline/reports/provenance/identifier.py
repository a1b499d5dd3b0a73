"""The id or handle that a person searches for, and how it is found in files and tables."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.codebook.fields import Privacy
from tt_pipeline.errors import UsageError
from tt_pipeline.warehouse import TABLES

_NOBODY: Final = frozenset({Privacy.CONTENT, Privacy.NONE})
WORD_COLUMNS: Final = frozenset(
    {
        *(column.name for table in TABLES.values() for column in table.columns if column.privacy in _NOBODY),
        *(field.name for row in DATASETS.values() for field in row.endpoint.record if field.privacy in _NOBODY),
        "display_name",
    }
)
"""Keys and columns whose text can be equal to a handle and is none, for example a hashtag or the name of a person."""
_IN_A_URL: Final = re.compile(r"/(?:video|photo)/(\d+)")
_SHORT_LINK: Final = re.compile(r"\b(?:v[mt]\.tiktok\.com|tiktok\.com/t)/\w")
_FEWEST_DIGITS: Final = 15
"""A shorter number could also be a count, a day or a part of a log_id; present ids have 19 digits."""
_END_OF_A_HANDLE: Final = "($|[^A-Za-z0-9_.]|[.]($|[^A-Za-z0-9_]))"


@dataclass(frozen=True)
class Identifier:
    """An id of a video or comment, or a handle.

    Attributes:
        text: Digits, or the handle without @.
    """

    text: str

    @property
    def is_id(self) -> bool:
        """Whether it is an id; people write a handle that has only digits with @."""
        return not self.text.startswith("@")

    @property
    def word(self) -> str:
        """The text as files contain it."""
        return self.text.removeprefix("@")

    @property
    def pattern(self) -> str:
        """A regular expression that finds it in a text, in Python and in DuckDB.

        It finds an id as a whole number, and a handle that is the whole text, an item of a list, or follows an @,
        whatever its case. It does not find a handle as a word of a sentence, because `climate` is also a word.
        """
        word = re.escape(self.word)
        if self.is_id:
            return f"(^|[^0-9]){word}($|[^0-9])"
        return f"(?i)(^'?|; |, |\\[){word}($|; |, |\\])|[@\uff20]{word}{_END_OF_A_HANDLE}"

    @property
    def mention(self) -> str:
        """The same for columns of words, in which a handle counts only after an @; ids count everywhere."""
        return self.pattern if self.is_id else f"(?i)[@\uff20]{re.escape(self.word)}{_END_OF_A_HANDLE}"

    @cached_property
    def _finds(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    @cached_property
    def _finds_mention(self) -> re.Pattern[str]:
        return re.compile(self.mention)

    def count_in(self, content: bytes) -> int:
        """How often it is in the bytes of a file: an id as a whole number, a handle after an @."""
        word = re.escape(self.word.encode())
        if self.is_id:  # JSON may write the letter before it as digits: \\u9891 is a Chinese one
            return len(re.findall(rb"(?:(?<![0-9])|(?<=\\u[0-9A-Fa-f]{4}))" + word + rb"(?![0-9])", content))
        return len(re.findall(b"@" + word + rb"(?![A-Za-z0-9_])", content, flags=re.IGNORECASE))

    def may_be_in(self, text: str) -> bool:
        """Whether a text, which may be JSON, can have it: quick, and never False where it has."""
        return self._folded in text.lower() or "\\u" in text

    def is_in(self, value: Any, column: str = "") -> bool:
        """Whether a value of a page is this id or handle, or contains it.

        Args:
            value: Any value.
            column: The key of the value, if it has one.
        """
        if isinstance(value, str):
            finds = self._finds_mention if column in WORD_COLUMNS else self._finds
            return self._folded in value.lower() and finds.search(value) is not None
        return isinstance(value, int) and not isinstance(value, bool) and str(value) == self.word

    @cached_property
    def _folded(self) -> str:
        return self.word.lower()


def read_identifier(text: str) -> Identifier:
    """Read an id, a link, or a handle with or without @.

    Raises:
        UsageError: The text is none of these.
    """
    plain = text.strip()
    link = _IN_A_URL.search(plain)
    if link or (plain.isascii() and plain.isdigit()):
        return _id(link[1] if link else plain)
    if _SHORT_LINK.search(plain):
        raise UsageError(
            f"{plain} is a short link, and only TikTok knows where it leads: "
            "open it in a browser, and name the long address that it becomes."
        )
    handle = plain.rpartition("@")[2].strip("/")
    if not handle or re.search(r"\s", handle):
        raise UsageError(f"{text!r} is not an id of a video or comment, a link to a video, or a username.")
    return Identifier(f"@{handle}")


def _id(digits: str) -> Identifier:
    if len(digits) < _FEWEST_DIGITS:
        raise UsageError(
            f"{digits} is too short for the id of a video or comment, which has 19 digits, and would be found in "
            f"other numbers. A username of digits alone is written with its @: `tt trace @{digits}`."
        )
    return Identifier(digits)
