"""A landed file for other rooms: a key, a name, and methods that read it.

Only `landing/` opens a landed file by its path. Therefore the files can move to another kind of storage, and a deletion
can rewrite them, without a change in other rooms.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.appending import cut_torn_line
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.layout import PACKED, PLAIN, load_id_of
from tt_pipeline.landing.reading import envelopes, readings
from tt_pipeline.vocabulary import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """The place of a landed file, with methods that read its pages.

    Attributes:
        root: The landing folder; only `landing/` uses it.
        name: The file below that folder, with `/` and suffix: for messages and `ops.quarantine.file`.
    """

    root: Path
    name: str

    @property
    def load_id(self) -> str:
        """The key of the load that the file holds: its name without suffix."""
        return load_id_of(self.name)

    def envelopes(self) -> Iterator[Envelope]:
        """The pages in the order they came; a line without its newline is left out.

        Raises:
            CorruptLanding: A line is not a landed page, or the file cannot be decompressed.
        """
        return envelopes(self._path)

    def readings(self) -> Iterator[Envelope | CorruptLanding]:
        """The pages in the order they came; in place of each page that cannot be read, what is wrong with it."""
        return readings(self._path)

    def problems(self) -> Iterator[CorruptLanding]:
        """What is wrong with each line, and with the file; it is read from the first byte to the last."""
        try:
            yield from (reading for reading in self.readings() if isinstance(reading, CorruptLanding))
        except FileNotFoundError:
            yield self.corruption(None, "is gone")
        except OSError as error:
            yield self._unreadable(error)

    def corruption(self, line: int | None, problem: str) -> CorruptLanding:
        """The error to raise about this file; its message has the whole path."""
        return CorruptLanding(self._path, line, problem)

    def _unreadable(self, error: OSError) -> CorruptLanding:
        return CorruptLanding(self._path, None, f"cannot be read ({error.strerror})", is_unreadable=True)

    def local_file(self, stem: Path) -> Path:
        """Make the file readable by DuckDB under another name on this machine.

        Args:
            stem: The name without suffix. It has no character that DuckDB takes for a pattern.

        Returns:
            The stem with its suffix: a copy to which nobody appends and which ends with a newline; of a compressed
            file, which never changes, a link.

        Raises:
            CorruptLanding: The file is gone, or cannot be opened.
        """
        if self.name.endswith(PACKED):
            return self._link(self._path, stem)
        try:
            source = self._path.open("rb")
        except FileNotFoundError:  # the collection that writes it has compressed it since
            return self._link(self._path.with_suffix(PACKED), stem)
        except OSError as error:
            raise self._unreadable(error) from error
        copy = stem.with_suffix(PLAIN)
        with source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
        cut_torn_line(copy)
        return copy

    def _link(self, packed: Path, stem: Path) -> Path:
        link = stem.with_suffix(PACKED)
        try:
            with packed.open("rb"):
                link.symlink_to(packed.resolve())
        except FileNotFoundError:
            raise self.corruption(None, "is gone") from None
        except OSError as error:
            raise self._unreadable(error) from error
        return link

    @property
    def _path(self) -> Path:
        return self.root / self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedFile(Location):
    """A landed file with what the warehouse needs to know before it reads it.

    Attributes:
        lines: Whole lines that can be read.
    """

    dataset: Dataset
    lines: int
