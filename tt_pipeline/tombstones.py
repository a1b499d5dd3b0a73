"""What was deleted, without saying it: one keyed hash for each video, comment and account, with kind, date and reason.

The hashes keep their meaning only together with the key, `internal/tombstone.key`. With both, tt_pipeline recognises a
deleted id when it meets it again: in a restored backup, in the study's own lists, or, if the deletion was asked for, in
an answer of the API. Machines that share a landing zone also share tombstones and key.
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol, Self

from tt_pipeline.clock import real_now
from tt_pipeline.erased_subjects import plain_username
from tt_pipeline.errors import NewerFile, TombstonesUnusable
from tt_pipeline.safe_files import lease, storing, sync_folder, write_whole

VERSION: Final = 1
_KEY_BYTES: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Kind(StrEnum):
    """What was deleted."""

    VIDEO = "video"
    COMMENT = "comment"
    USER = "user"


class DeletionReason(StrEnum):
    """Why it was deleted."""

    GONE = "gone"
    """The API no longer returns it, and a second answer has confirmed that."""
    TAKEDOWN = "takedown"
    """Somebody asked for it; it is never stored again."""
    SEARCH = "search"
    """Everything that only one search had found was deleted."""
    EXPIRED = "expired"
    """Names, texts and picture of a profile were kept as long as the study allows; its counts stay."""
    DAYS = "days"
    """Everything that was posted on some days was deleted."""
    BELOW = "below"
    """It was a comment below a deleted video, a reply to a deleted comment, or a video of a deleted account."""
    FORGOTTEN = "forgotten"
    """It was a takedown that was taken back: what was deleted stays deleted, and it may be collected again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """One deletion.

    Attributes:
        hashed: HMAC-SHA256 of kind and id or username, in hexadecimal digits.
        deleted_at: Aware, UTC.
    """

    kind: Kind
    hashed: str
    reason: DeletionReason
    deleted_at: datetime

    def as_line(self) -> str:
        """The line of the file, with its newline."""
        values = {
            "version": VERSION,
            "kind": self.kind.value,
            "hmac": self.hashed,
            "reason": self.reason.value,
            "deleted_at": self.deleted_at.astimezone(UTC).isoformat(),
        }
        return json.dumps(values) + "\n"


class SharedTombstones(Protocol):
    """The tombstones of all machines that share a landing zone; each method raises SharedLandingFailed."""

    @property
    def place(self) -> str:
        """Where they are, for messages."""

    def version(self) -> str:
        """Another one after each change; "" before the first tombstone."""

    def read(self) -> tuple[str, bytes]:
        """The key as in its file, and the lines of all tombstones; empty before the first tombstone."""

    def add(self, key: str, lines: Sequence[str]) -> None:
        """Add lines that are not there yet; the key is stored if there is none."""


@dataclass(kw_only=True)
class Tombstones:
    """The tombstones of a data dir.

    Attributes:
        file: `internal/tombstones.jsonl`; it need not exist.
        copy: A second file outside the data dir (TT_TOMBSTONES), with its key beside it; None without one.
        shared: Those of the machines that share the landing zone; None without TT_LANDING.
        is_behind: Whether another machine has deleted something of which the file knows nothing yet.
    """

    file: Path
    copy: Path | None = None
    shared: SharedTombstones | None = None
    is_behind: bool = False
    _key: bytes = b""
    _stones: dict[tuple[Kind, str], Tombstone] = field(default_factory=dict)
    _read: tuple[object, ...] = ()

    @classmethod
    def of(cls, internal: Path, copy: Path | None = None, shared: SharedTombstones | None = None) -> Self:
        """The tombstones of a data dir, as they are on disk now.

        Args:
            internal: The folder for the pipeline's own files.
            copy: The file of TT_TOMBSTONES; None without one.
            shared: Those of the machines that share the landing zone; None without TT_LANDING.

        Raises:
            TombstonesUnusable: The file or its key is damaged, missing, or the key can be read by others.
            NewerFile: A later tt_pipeline wrote it.
            SharedLandingFailed: What is shared cannot be reached.
        """
        found = cls(file=internal / "tombstones.jsonl", copy=copy, shared=shared)
        found.refresh()
        return found

    @property
    def key_file(self) -> Path:
        """The file with the key of the hashes."""
        return _key_beside(self.file)

    def refresh(self) -> None:
        """Read the files, and what is shared, again if they have changed."""
        stamps = (*(_stamp(each) for each in self._files), self.shared.version() if self.shared else "")
        if stamps == self._read:
            return
        stones: dict[tuple[Kind, str], Tombstone] = {}
        present = self._present()
        read = [stone for found in present.values() for stone in found]
        own = set(present[self.file])
        elsewhere = present[self.shared.place] if self.shared else []
        self.is_behind = any(stone not in own and stone.reason is not DeletionReason.FORGOTTEN for stone in elsewhere)
        for stone in sorted(read, key=lambda each: each.deleted_at):
            known = stones.get((stone.kind, stone.hashed))
            stones[stone.kind, stone.hashed] = _both(known, stone) if known else stone
        self._stones, self._read = stones, stamps

    @property
    def _files(self) -> list[Path]:
        return [file for file in (self.file, self.copy) if file is not None]

    def _present(self) -> dict[Path | str, list[Tombstone]]:
        """The tombstones of each file, and those that are shared by the name of their place; all have one key."""
        present: dict[Path | str, list[Tombstone]] = {}
        for file in self._files:
            if file.exists():
                self._take_key(file, _read_key(file))
            present[file] = [*_read_stones(file)] if file.exists() else []
        if self.shared:
            text, lines = self.shared.read()
            if text:
                self._take_key(self.shared.place, _key_of(text))
            present[self.shared.place] = [*_stones_of(self.shared.place, lines)]
        return present

    def _take_key(self, place: Path | str, key: bytes) -> None:
        if not key:
            raise TombstonesUnusable(place, "its key is damaged")
        if self._key and key != self._key:
            raise TombstonesUnusable(place, "its key is not the one of this data dir")
        self._key = key

    def __len__(self) -> int:
        return len(self._stones)

    def __iter__(self) -> Iterator[Tombstone]:
        return iter(self._stones.values())

    def get(self, kind: Kind, value: int | str) -> Tombstone | None:
        """The tombstone of a video, comment or account; None if it was not deleted."""
        return self._stones.get((kind, self._hashed(kind, value))) if self._stones else None

    def add(self, values: Mapping[Kind, Iterable[int | str]], reason: DeletionReason, at: datetime) -> int:
        """Add tombstones, wherever they are kept; returns how many are new. What is known already is not added again.

        Raises:
            StorageFailed: The disk is full, or a folder cannot be written.
            SharedLandingFailed: What is shared cannot be reached; the files have them, and the next call adds them
                there.
        """
        with self._changing():
            self._key = self._key or _new_key()
            new = [
                Tombstone(kind=kind, hashed=hashed, reason=reason, deleted_at=at)
                for kind, named in values.items()
                for hashed in dict.fromkeys(self._hashed(kind, value) for value in named)
                if not self._is_known(kind, hashed, reason, at)
            ]
            self._write(new)
        return len(new)

    def complete(self) -> None:
        """Write to each file, and to what is shared, what only another one has, for example in a data dir that is new.

        Call it when nothing is left here of what other machines have deleted: from then on the file says so.

        Raises:
            StorageFailed: The disk is full, or a folder cannot be written.
        """
        with self._changing():
            self._write(self._present()[self.shared.place] if self.shared else ())

    def merge(self, other: Path) -> int:
        """Add the tombstones of another file, for example of a backup; returns how many are new.

        Raises:
            TombstonesUnusable: The file is damaged, or its key is another one.
            StorageFailed: The disk is full, or a folder cannot be written.
        """
        with self._changing():
            key = _read_key(other)
            if self._key and key != self._key:
                raise TombstonesUnusable(other, f"its key is not that of {self.file}")
            self._key = key
            known = {*_read_stones(self.file)} if self.file.exists() else set()
            new = [stone for stone in dict.fromkeys(_read_stones(other)) if stone not in known]
            self._write(new)
        return len(new)

    def forget(self, values: Mapping[Kind, Iterable[int | str]], at: datetime) -> int:
        """Take takedowns back, so that they may be collected again; returns how many there were.

        What was deleted stays deleted, also after a backup was restored that is older.
        """
        with self._changing():
            hashes = {(kind, self._hashed(kind, value)) for kind, named in values.items() for value in named}
            found = [key for key in hashes if key in self._stones and _is_takedown(self._stones[key])]
            self._write(
                Tombstone(kind=kind, hashed=hashed, reason=DeletionReason.FORGOTTEN, deleted_at=at)
                for kind, hashed in found
            )
        return len(found)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with lease(self.file.with_name("tombstones.lock")):
            self.refresh()
            yield
            self.refresh()

    def _write(self, new: Iterable[Tombstone]) -> None:
        """Add tombstones wherever they are kept, and what another file has: it may not have been there before.

        What only other machines know stays out of the files: `is_behind` until it is deleted here too.
        """
        if not self._key:  # nothing was ever deleted
            return
        present = self._present()
        every = dict.fromkeys([*(stone for file in self._files for stone in present[file]), *new])
        known = {place: set(stones) for place, stones in present.items()}
        lacking = {place: [stone for stone in every if stone not in known[place]] for place in known}
        for file in self._files:
            self._append(file, lacking[file])
        if self.shared:
            self.shared.add(f"{self._key.hex()}\n", [stone.as_line() for stone in lacking[self.shared.place]])

    @property
    def deleted(self) -> "DeletedSubjects":
        """Everything that has a tombstone."""
        return DeletedSubjects(stones=self, is_meant=lambda _: True)

    @property
    def taken_down(self) -> "DeletedSubjects":
        """What must never be stored again."""
        return DeletedSubjects(stones=self, is_meant=_is_takedown)

    def _append(self, file: Path, new: Iterable[Tombstone]) -> None:
        with storing("Writing the tombstones", file):
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.exists():
                _cut_torn_line(file)
            else:
                write_whole(_key_beside(file), self._key.hex() + "\n")
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as target:
                target.write("".join(stone.as_line() for stone in new).encode())
                target.flush()
                os.fsync(target.fileno())
            sync_folder(file.parent)

    def _is_known(self, kind: Kind, hashed: str, reason: DeletionReason, at: datetime) -> bool:
        """Whether a tombstone says as much already; a later deletion also removes what was collected meanwhile."""
        known = self._stones.get((kind, hashed))
        if known is None:
            return False
        return known.reason is DeletionReason.TAKEDOWN or (known.reason is reason and known.deleted_at >= at)

    def _hashed(self, kind: Kind, value: int | str) -> str:
        text = plain_username(value) if isinstance(value, str) else str(value)
        return hmac.new(self._key, f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()

    def sign(self, text: str) -> str:
        """A signature that only this data dir can make: HMAC-SHA256 with its key, in hexadecimal digits.

        Raises:
            StorageFailed: The data dir has no key yet, and none can be written.
        """
        if not self._key:
            self.add({}, DeletionReason.TAKEDOWN, real_now())
        return hmac.new(self._key, f"signature:{text}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedSubjects:
    """What has a tombstone of some kind, as `ErasedSubjects`."""

    stones: Tombstones
    is_meant: Callable[[Tombstone], bool]

    def __bool__(self) -> bool:
        return any(self.is_meant(stone) for stone in self.stones)

    def video(self, video_id: int) -> bool:
        """Whether a video was deleted."""
        return self._has(Kind.VIDEO, video_id)

    def comment(self, comment_id: int) -> bool:
        """Whether a comment was deleted."""
        return self._has(Kind.COMMENT, comment_id)

    def user(self, username: str) -> bool:
        """Whether an account was deleted."""
        return self._has(Kind.USER, username)

    def creator(self, username: str) -> bool:
        """Whether what was requested about an account was deleted."""
        return self._has(Kind.USER, username)

    def profile_text(self, username: str) -> bool:  # noqa: ARG002 — see ErasedSubjects
        """Nobody remembers whose profile lost its texts: the next refresh finds them by their age."""
        return False

    def outside_profiles(self) -> "DeletedSubjects":
        """The same: no profile text is remembered."""
        return self

    def may_be_in(self, line: str) -> bool:
        """Whether a landed line may have it: nobody knows without reading it."""
        return bool(line) and bool(self)

    def in_answer_of(self, instant: datetime) -> "DeletedSubjects":
        """What was deleted after an answer came, or must never be stored: what comes again later may be."""

        def is_meant(stone: Tombstone) -> bool:
            return self.is_meant(stone) and (_is_takedown(stone) or stone.deleted_at >= instant)

        return DeletedSubjects(stones=self.stones, is_meant=is_meant)

    def _has(self, kind: Kind, value: int | str) -> bool:
        stone = self.stones.get(kind, value)
        return stone is not None and self.is_meant(stone)


def _is_takedown(stone: Tombstone) -> bool:
    return stone.reason is DeletionReason.TAKEDOWN


def _both(known: Tombstone, later: Tombstone) -> Tombstone:
    """Of two tombstones of one subject: the later one, but a takedown counts until it is taken back."""
    if _is_takedown(known) and later.reason is not DeletionReason.FORGOTTEN:
        return replace(known, deleted_at=later.deleted_at)
    return later


def _key_beside(file: Path) -> Path:
    return file.with_name("tombstone.key") if file.name == "tombstones.jsonl" else file.with_name(f"{file.name}.key")


def _new_key() -> bytes:
    return secrets.token_bytes(_KEY_BYTES)


def _read_key(file: Path) -> bytes:
    """The key beside a file of tombstones.

    Raises:
        TombstonesUnusable: It is missing, damaged, or can be read by others.
    """
    key_file = _key_beside(file)
    try:
        others, text = key_file.stat().st_mode & _OTHERS, key_file.read_text(encoding="ascii")
    except FileNotFoundError:
        raise TombstonesUnusable(file, f"its key {key_file} is missing") from None
    except (OSError, ValueError) as error:
        raise TombstonesUnusable(file, f"its key {key_file} cannot be read ({error})") from error
    if others:
        raise TombstonesUnusable(key_file, f"other users can read it; type `chmod 600 {key_file}`")
    key = _key_of(text)
    if not key:
        raise TombstonesUnusable(file, f"its key {key_file} is damaged")
    return key


def _key_of(text: str) -> bytes:
    """The key that is written as hexadecimal digits; nothing if it is damaged."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        return b""
    return key if len(key) == _KEY_BYTES else b""


def _read_stones(file: Path) -> Iterator[Tombstone]:
    """The tombstones of a file; a last line without its newline is that of a killed process.

    Raises:
        TombstonesUnusable: A line is damaged.
        NewerFile: A later tt_pipeline wrote it.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise TombstonesUnusable(file, f"cannot be read ({error})") from error
    yield from _stones_of(file, content)


def _stones_of(place: Path | str, content: bytes) -> Iterator[Tombstone]:
    """The tombstones in the content of a file; raises as `_read_stones` does."""
    try:
        lines = content.decode().split("\n")[:-1]
    except ValueError as error:
        raise TombstonesUnusable(place, f"cannot be read ({error})") from error
    for number, line in enumerate(lines, start=1):
        try:
            values = json.loads(line)
            if values["version"] > VERSION:
                raise NewerFile(place, found=values["version"], known=VERSION)
            yield _stone_of(values)
        except (ValueError, KeyError, TypeError) as error:
            raise TombstonesUnusable(place, f"line {number} is damaged") from error


def _cut_torn_line(file: Path) -> None:
    content = file.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(file, whole)


def _stone_of(values: Mapping[str, Any]) -> Tombstone:
    return Tombstone(
        kind=Kind(values["kind"]),
        hashed=str(values["hmac"]),
        reason=DeletionReason(values["reason"]),
        deleted_at=datetime.fromisoformat(values["deleted_at"]),
    )


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_size, found.st_mtime_ns
