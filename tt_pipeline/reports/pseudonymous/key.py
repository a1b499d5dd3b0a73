"""The key of the pseudonyms: a file outside the data dir that only its owner can read.

Whoever has the key can compute the pseudonym of every handle, so the key never goes with an export.
"""

import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tt_pipeline.errors import SettingsError
from tt_pipeline.safe_files import storing

_VARIABLE: Final = "TT_KEY_FILE"
_SHORTEST: Final = 32
"""Characters of the shortest key; a new one has 64, which are 256 random bits."""
_LONGEST: Final = 4096
_DIGITS: Final = 32
"""Hexadecimal digits of a pseudonym: 128 bits, so that two accounts never get the same one."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Computes pseudonyms: the same value and key always give the same pseudonym, and without the key nobody can."""

    key: bytes = field(repr=False)

    def account(self, username: str) -> str:
        """The pseudonym of an account."""
        return f"account_{self._digest('account', username)}"

    def item(self, item_id: str) -> str:
        """The pseudonym of a video, comment, playlist or sound; a comment's parent can be either of the first two."""
        return f"id_{self._digest('id', item_id)}"

    @property
    def fingerprint(self) -> str:
        """Says which key was used, and does not help to find it."""
        return self._digest("fingerprint", "")[:16]

    def _digest(self, kind: str, value: str) -> str:
        return hmac.new(self.key, f"{kind}:{value}".encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:_DIGITS]


def read_pseudonyms(key_file: Path | None, *, outside: tuple[Path, ...]) -> Pseudonyms:
    """The pseudonyms of the key in a file.

    Args:
        key_file: The file.
        outside: Folders in which it must not be, because they are copied or shared.

    Raises:
        SettingsError: There is no such file, others can read it, it is in one of the folders, or it has no key.
    """
    file = _checked_place(key_file, outside)
    try:
        with file.open("rb") as opened:  # its mode is that of the file that is read
            _check_readers(file, os.fstat(opened.fileno()).st_mode)
            key = opened.read(_LONGEST + 1).strip()
    except FileNotFoundError:
        raise SettingsError(
            _VARIABLE,
            f"is {str(file)!r}, which does not exist",
            remedy="If you have a key, name its file. For a new one add `--new-key`, which makes the file.",
        ) from None
    except OSError as error:
        raise SettingsError(
            _VARIABLE, f"is {str(file)!r}, which cannot be read: {error.strerror}", remedy=_NAME
        ) from error
    if not _SHORTEST <= len(key) <= _LONGEST:
        problem = f"is {str(file)!r}, which has {len(key) if len(key) <= _LONGEST else 'too many'} characters"
        remedy = f"A key has at least {_SHORTEST}; name another file and add `--new-key`, which makes one."
        raise SettingsError(_VARIABLE, problem, remedy=remedy)
    return Pseudonyms(key)


def make_key(key_file: Path | None, *, outside: tuple[Path, ...]) -> Path:
    """Make a file with a new random key that only its owner can read.

    Raises:
        SettingsError: The file exists already, or would be in one of the folders.
        StorageFailed: The file cannot be written.
    """
    file = _checked_place(key_file, outside)
    if file.exists():
        remedy = "Leave out `--new-key` to use it; to begin with other pseudonyms, name another file."
        raise SettingsError(_VARIABLE, f"is {str(file)!r}, which exists already", remedy=remedy)
    with storing("Writing the key", file):
        place = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(place, "w", encoding="ascii") as opened:
            opened.write(f"{secrets.token_hex(32)}\n")
            opened.flush()
            os.fsync(opened.fileno())
    return file


_NAME: Final = "Name a file of yours outside the data dir."


def _checked_place(key_file: Path | None, outside: tuple[Path, ...]) -> Path:
    if key_file is None:
        remedy = "Set it to a file outside the data dir, for example ~/study.key; `--new-key` makes the file."
        raise SettingsError(_VARIABLE, "is not set, and a pseudonymous export needs the key in it", remedy=remedy)
    place = key_file.resolve()
    for folder in outside:
        if place.is_relative_to(folder.resolve()):
            problem = (
                f"is {str(key_file)!r}, which is in {folder}: who gets a copy of that folder would get the key too"
            )
            raise SettingsError(_VARIABLE, problem, remedy="Move the file out of it.")
    return key_file


def _check_readers(file: Path, mode: int) -> None:
    if stat.S_IMODE(mode) & 0o077:
        problem = f"is {str(file)!r}, which others can read or write (mode {stat.S_IMODE(mode):04o})"
        raise SettingsError(_VARIABLE, problem, remedy=f"`chmod 600 {file}` keeps it to yourself.")
