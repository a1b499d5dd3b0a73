"""Machines that share a landing zone in one object store: each has a folder, and can be killed, cut off and paused."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from obstore.exceptions import GenericError
from obstore.store import MemoryStore

from tt_pipeline.landing import LandingZone
from tt_pipeline.landing.bucket import Bucket
from tt_pipeline.landing.object_store import ObjectStore
from tt_pipeline.landing.reading import whole_lines

PLACE = "s3://answers/study"


class Killed(BaseException):
    """The process of a machine ends here."""


@dataclass
class Fate:
    """What happens to a machine at its next steps: calls of the store, and notes of what its folder contains.

    Attributes:
        steps: How many steps succeed.
        is_killed: Whether the process is killed then; otherwise the store cannot be reached.
        is_done: Whether the last step has its effect, and only its answer is lost.
        is_dead: Whether the process has been killed.
    """

    steps: float = float("inf")
    is_killed: bool = True
    is_done: bool = False
    is_dead: bool = False
    seen: int = 0

    def step(self, call: Any, *, is_store: bool = True) -> Any:
        """Make a call, or not."""
        self.seen += 1
        if self.steps > 0 and not self.is_dead:
            self.steps -= 1
            return call()
        if self.is_killed:
            if self.is_done and not self.is_dead:
                self.is_dead = True
                call()
            self.is_dead = True
            raise Killed
        if not is_store:
            return call()
        if self.is_done:
            call()
        raise GenericError("error sending request")


@dataclass
class Watched:
    """An object whose methods are steps."""

    target: Any
    fate: Fate
    is_store: bool

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.target, name)
        if name == "close":
            return method
        return lambda *values, **named: self.fate.step(partial(method, *values, **named), is_store=self.is_store)


@dataclass
class Machine:
    """A folder that is a copy of what is in the store."""

    root: Path
    store: Any = field(default_factory=MemoryStore)
    fate: Fate = field(default_factory=Fate)

    def shared(self, root: Path) -> Bucket:
        """The shared landing zone, seen from here."""
        store: Any = Watched(self.store, self.fate, is_store=True)
        bucket = Bucket(root, ObjectStore(store=store, prefix="study", place=PLACE, sleep=lambda _: None))
        bucket._known = Watched(bucket._known, self.fate, is_store=False)  # type: ignore[assignment]
        return bucket

    @contextmanager
    def open(self) -> Iterator[LandingZone]:
        """The landing zone, in a process of its own."""
        with LandingZone(self.root, shared=self.shared) as zone:
            yield zone

    def files(self) -> dict[str, bytes]:
        """What each landed file contains, by its name."""
        paths = sorted(path for path in self.root.rglob("*.ndjson*") if not path.name.startswith("."))
        return {
            path.relative_to(self.root).as_posix(): b"".join(whole_lines(path))
            for path in paths
            if ".damaged-" not in path.name
        }

    def lines(self) -> list[bytes]:
        """Every landed line."""
        return [line for content in self.files().values() for line in content.splitlines(keepends=True)]


def objects(store: Any) -> dict[str, bytes]:
    """What is in a store, by name below the prefix."""
    listed = [each["path"] for page in store.list("study") for each in page]
    return {path.removeprefix("study/"): bytes(store.get(path).bytes()) for path in sorted(listed)}


def damage(path: Path, place: int) -> None:
    """Overwrite one byte of a file, so that nobody can read the line or the compressed file any more."""
    content = bytearray(path.read_bytes())
    if content:
        content[place % len(content)] = 0 if path.name.endswith("ndjson") else content[place % len(content)] ^ 0x15
        path.write_bytes(content)
        found = path.stat()
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + 1_000_000))
