"""Makes texts that a file format can hold: characters that it forbids are replaced, and texts too long are cut.

Nothing of this is silent: what was changed is counted for each column, and `tt export` says it.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

REPLACEMENT: Final = "\ufffd"
"""The sign that stands for a character that a format does not have."""
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LINE_END: Final = re.compile("\r\n?")
_NUL: Final = "\x00"


@dataclass(slots=True)
class TextChanges:
    """How many texts of each column were changed, because a format cannot hold them as they are.

    Attributes:
        cut: Texts that were too long.
        replaced: Texts with characters that the format forbids.
    """

    cut: Counter[str] = field(default_factory=Counter)
    replaced: Counter[str] = field(default_factory=Counter)


def for_xml(text: str, column: str, changes: TextChanges) -> str:
    """A text without the characters that XML, and so Excel, forbids; line ends become line feeds."""
    if text.isprintable():  # nearly every text ends here
        return text
    plain = _LINE_END.sub("\n", text)
    if _NOT_IN_XML.search(plain):
        changes.replaced[column] += 1
        return _NOT_IN_XML.sub(REPLACEMENT, plain)
    return plain


def without_nul(text: str, column: str, changes: TextChanges) -> str:
    """A text without NUL, at which many programs believe that a text ends."""
    if _NUL in text:
        changes.replaced[column] += 1
        return text.replace(_NUL, REPLACEMENT)
    return text


def cut_to_utf16(text: str, longest: int) -> str:
    """The longest beginning of a text that has so many units of UTF-16, with a sign that more follows."""
    return f"{text.encode('utf-16-le')[: 2 * (longest - 1)].decode('utf-16-le', 'ignore')}…"


def cut_to_bytes(text: str, longest: int) -> str:
    """The longest beginning of a text that has so many bytes of UTF-8, with a sign that more follows."""
    return f"{text.encode()[: longest - len('…'.encode())].decode('utf-8', 'ignore')}…"
