"""The videos, comments and accounts whose data is removed, as the rooms that store copies ask about them.

A deletion knows the ids and usernames themselves. A takedown that is remembered knows only keyed hashes of them, so
every room asks whether a value belongs to them and never lists them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final, Protocol

ERASED: Final = "[deleted]"
"""Stands in a text where an id or a username was."""
SHORTEST_ID: Final = 15
"""Digits; a shorter number in a text is a count, a day or a part of another number. Present ids have 19."""

_HANDLES: Final = tuple(re.compile(sign) for sign in (r"[^\s@\uff20]+", r"[\w.]+", r"[A-Za-z0-9_.]+"))
"""What may be a username after an @, from the longest to the shortest: in Thai or Chinese no blank follows it."""
_AT: Final = re.compile("[@\uff20]")
_ID: Final = rf"0*[0-9]{{{SHORTEST_ID},19}}(?![0-9])"
_DIGITS: Final = re.compile(rf"(?<![0-9]){_ID}")
_AFTER_ESCAPE: Final = re.compile(rf"(?<=\\u[0-9A-Fa-f]{{4}}){_ID}")
"""An id right after a letter that JSON writes as digits: `\\u9891` is a Chinese one."""
_BYTES_OF_IDS: Final = tuple(re.compile(pattern.pattern.encode()) for pattern in (_DIGITS, _AFTER_ESCAPE))
_MAY_BE_ASCII: Final = re.compile(r"\\u(?:00[0-7]|212a)", re.IGNORECASE)
"""A letter of a username, a digit, an @ or a NUL that JSON may write as digits; U+212A is a K."""
_PLAIN_NAME: Final = re.compile(r"[a-z0-9_.]+")


class ErasedSubjects(Protocol):
    """Tells whether something belongs to what is removed."""

    def video(self, video_id: int) -> bool:
        """Whether a video is removed."""
        ...

    def comment(self, comment_id: int) -> bool:
        """Whether a comment is removed."""
        ...

    def user(self, username: str) -> bool:
        """Whether an account is removed; case, a leading @ and NULs make no difference."""
        ...

    def creator(self, username: str) -> bool:
        """Whether what was requested about an account is removed."""
        ...

    def profile_text(self, username: str) -> bool:
        """Whether an account's profile loses its names, texts and picture."""
        ...

    def outside_profiles(self) -> "ErasedSubjects":
        """What is removed from answers that are no profiles."""
        ...

    def may_be_in(self, line: str) -> bool:
        """Whether a landed line may have something that is removed: quick, and never False where it has."""
        ...

    def in_answer_of(self, instant: datetime) -> "ErasedSubjects":
        """What is removed from an answer that came at this instant."""
        ...


@dataclass(frozen=True, kw_only=True)
class NamedSubjects:
    """Videos, comments and accounts by id and username.

    Attributes:
        users: As `plain_username` writes them.
        creators: Accounts of which only what was requested about them is removed, because no stored video is theirs any
            more: what others write of them stays.
        expired: Accounts whose profiles lose names, texts and picture, and keep their counts.
        expired_at: Profiles that came after this instant keep theirs; None if there is none.
    """

    videos: frozenset[int] = frozenset()
    comments: frozenset[int] = frozenset()
    users: frozenset[str] = frozenset()
    creators: frozenset[str] = frozenset()
    expired: frozenset[str] = frozenset()
    expired_at: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.videos or self.comments or self.users or self.creators or self.expired)

    def video(self, video_id: int) -> bool:
        """Whether a video is removed."""
        return video_id in self.videos

    def comment(self, comment_id: int) -> bool:
        """Whether a comment is removed."""
        return comment_id in self.comments

    def user(self, username: str) -> bool:
        """Whether an account is removed."""
        return plain_username(username) in self.users

    def creator(self, username: str) -> bool:
        """Whether what was requested about an account is removed."""
        name = plain_username(username)
        return name in self.users or name in self.creators

    def profile_text(self, username: str) -> bool:
        """Whether an account's profile loses its names, texts and picture."""
        return plain_username(username) in self.expired

    def outside_profiles(self) -> "NamedSubjects":
        """What is removed from answers that are no profiles."""
        return replace(self, expired=frozenset()) if self.expired else self

    def may_be_in(self, line: str) -> bool:
        """Whether a landed line may have something that is removed."""
        if not self:
            return False
        if _MAY_BE_ASCII.search(line) or any(number in self._ids for number in ids_in(line)):
            return True
        if not self._names:
            return False
        # JSON may write every other letter as digits.
        folded = line.lower()
        return not all(map(_PLAIN_NAME.fullmatch, self._names)) or any(name in folded for name in self._names)

    def in_answer_of(self, instant: datetime) -> "NamedSubjects":
        """What is removed from an answer that came at this instant."""
        is_later = self.expired_at is not None and instant > self.expired_at
        return replace(self, expired=frozenset()) if is_later else self

    @cached_property
    def _ids(self) -> frozenset[int]:
        return self.videos | self.comments

    @cached_property
    def _names(self) -> frozenset[str]:
        return self.users | self.creators | self.expired


def plain_username(username: str) -> str:
    """A username in the one form in which usernames are compared: TikTok takes no notice of case."""
    return username.replace("\x00", "").strip().lstrip("@\uff20").strip().lower()


def ids_in(text: str) -> Iterator[int]:
    """Every number in a text, or in a line of JSON, that may be the id of a video or a comment."""
    yield from map(int, _DIGITS.findall(text))
    if "\\u" in text:
        yield from map(int, _AFTER_ESCAPE.findall(text))


def id_places_in(content: bytes) -> Iterator[re.Match[bytes]]:
    """The same for bytes of any file, as matches."""
    for pattern in _BYTES_OF_IDS:
        yield from pattern.finditer(content)


def without(text: str, erased: ErasedSubjects) -> str:
    """A text with `ERASED` in place of every id and every @username that is removed.

    A username without an @ stays, because `climate` is also a word.
    """
    text = _DIGITS.sub(lambda found: ERASED if is_erased_id(int(found[0]), erased) else found[0], text)
    return "".join(_without_handles(text, erased)) if _AT.search(text) else text


def is_erased_id(number: int, erased: ErasedSubjects) -> bool:
    """Whether a number is the id of a video or a comment that is removed."""
    return number >= 10 ** (SHORTEST_ID - 1) and (erased.video(number) or erased.comment(number))


def _without_handles(text: str, erased: ErasedSubjects) -> Iterator[str]:
    start = 0
    for at in _AT.finditer(text):
        if at.end() < start:
            continue
        yield text[start : at.end()]
        start = at.end()
        if handle := next((each for each in _handles(text, start) if erased.user(each)), ""):
            yield ERASED
            start += len(handle)
    yield text[start:]


def _handles(text: str, start: int) -> Iterator[str]:
    """What may be the username at this place; a dot at its end may end the sentence instead."""
    for pattern in _HANDLES:
        if found := pattern.match(text, start):
            yield found[0]
            yield found[0].rstrip(".,;:!?)\"'")
