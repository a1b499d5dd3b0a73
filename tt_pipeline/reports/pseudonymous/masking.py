"""Masks what names or leads to people in texts that people wrote.

Mentions, known handles, links, e-mail addresses and phone numbers become [mention], [link], [email], [phone]; a number
as long as the id of a video becomes [id]. Names of people who are no account of the warehouse cannot be found.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tt_pipeline.reports.pseudonymous.folding import Span, folded_with_places, whole_letters
from tt_pipeline.reports.pseudonymous.handles import Handles

MASK: Final = re.compile(r"\[(?:mention|link|email|phone|id)\]")
"""What stands in the place of what was masked."""

_NO_LETTER: Final = "\ufffc"
# Every repetition has a limit, so that the time grows with the length of a text, whatever is written in it.
_TOP: Final = (
    "com|net|org|info|biz|io|me|tv|co|app|dev|link|shop|store|online|site|xyz|page|club|live|blog|eu|de|uk|fr|it|es|pl|nl"
    "|at|ch|ru|ua|tr|br|jp|kr|cn|in|us|ca|mx|ar|gg|ly|ee|be|se|no|dk|fi|cz|pt|gr|ie|au|nz|za|id|ph|vn|th|ae|sa|il|ir"
)
_STOP: Final = r"\s\"'<>\[\]{}«»“”„|"
_LINK: Final = re.compile(
    rf"(?:[a-z][a-z0-9+.-]{{0,15}}://|www\.)[^{_STOP}]+"
    rf"|(?<![\w-])(?:[\w-]{{1,63}}\.){{1,8}}(?:[^\W\d_]{{2,24}}/[^{_STOP}]*|(?:{_TOP})(?![\w-]))"
)
_AT, _DOT = r"\s?[(\[{]\s?(?:at|@)\s?[)\]}]\s?", r"\s?(?:\.|[(\[{]\s?(?:dot|punkt|\.)\s?[)\]}])\s?"
_EMAIL: Final = re.compile(rf"(?<![\w.+%*-])[\w.+%*-]{{1,64}}(?:@[\w-]+(?:\.[\w-]+)+|{_AT}[\w-]+(?:{_DOT}[\w-]+)+)")
_MENTION: Final = re.compile(rf"@[^@,;:!?()/\\{_STOP}]+")
_ID: Final = re.compile(r"(?<!\d)\d{16,20}(?!\d)")
# Seven to fifteen digits, as ITU-T E.164 allows; dates and numbers in groups of three are no phone numbers.
_PHONE: Final = re.compile(
    r"(?P<other>(?<!\d)(?:\d{4}([-./])\d{1,2}\2\d{1,2}|\d{1,2}([-./])\d{1,2}\3\d{4}|\d{1,3}(?:[.,\u2019']\d{3})+)(?!\d))"
    r"|(?<!\d)(?:\+|\()?\d(?:[\s./()\u2010-\u2015-]{0,3}\d){6,14}(?!\d)"
)
_AROUND_LATIN: Final = re.compile(r"[a-z0-9_.]")


def mask(text: str, handles: Handles) -> str:
    """The text without anything that leads to a person and can be recognised.

    Args:
        text: What somebody wrote.
        handles: Every known handle.
    """
    plain, places = folded_with_places(text)
    found = _merged((whole_letters(span, places), instead) for span, instead in _patterns_in(plain))
    while more := list(handles.spans(_without(plain, found))):
        # What was masked ends the words beside it, which can be handles then.
        wide = [(whole_letters(_whole_word(plain, span), places), "[mention]") for span in more]
        found = _merged([*found, *wide])
    return replace_spans(text, places, found)


def without_masks(text: str) -> str:
    """A masked text with a sign that no handle has in the place of each mask."""
    return MASK.sub(_NO_LETTER, text)


def replace_spans(text: str, places: Sequence[int], spans: list[tuple[Span, str]]) -> str:
    """The text with other words in the place of spans of its folded form; the spans are in order and do not overlap."""
    parts, end = [], 0
    for (first, behind), instead in spans:
        parts += [text[end : places[first]], instead]
        end = places[behind - 1] + 1
    return "".join([*parts, text[end:]])


def _without(plain: str, found: list[tuple[Span, str]]) -> str:
    """The text with signs that no handle has in the place of what was found; all places stay the same."""
    if not found:
        return plain
    letters = list(plain)
    for (first, behind), _ in found:
        letters[first:behind] = _NO_LETTER * (behind - first)
    return "".join(letters)


def _patterns_in(plain: str) -> Iterator[tuple[Span, str]]:
    """What looks like a person's address or number, the most specific first."""
    for pattern, name in ((_EMAIL, "email"), (_LINK, "link"), (_MENTION, "mention"), (_ID, "id"), (_PHONE, "phone")):
        for found in pattern.finditer(plain):
            if not found.groupdict().get("other"):
                yield found.span(), f"[{name}]"


def _whole_word(plain: str, span: Span) -> Span:
    """A handle inside a Latin word takes the whole word with it: `annafan` shows the handle `anna`."""
    first, behind = span
    if not plain[first:behind].isascii():
        return span
    while first and _AROUND_LATIN.match(plain[first - 1]):
        first -= 1
    while behind < len(plain) and _AROUND_LATIN.match(plain[behind]):
        behind += 1
    return first, behind


def _merged(found: Iterable[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """Spans in order; those that overlap become one, with the name of the most specific."""
    ranked = sorted(((*span, rank, name) for rank, (span, name) in enumerate(found)), key=lambda each: each[:2])
    merged: list[tuple[int, int, int, str]] = []
    for first, behind, rank, name in ranked:
        if merged and first < merged[-1][1]:
            start, end, earlier_rank, earlier = merged[-1]
            best = min((earlier_rank, earlier), (rank, name))
            merged[-1] = (start, max(end, behind), *best)
        else:
            merged.append((first, behind, rank, name))
    return [((first, behind), name) for first, behind, _, name in merged]
