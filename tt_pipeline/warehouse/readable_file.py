"""What the warehouse needs of a landed file; `landing.Location` has it."""

from pathlib import Path
from typing import Protocol

from tt_pipeline.errors import CorruptLanding


class ReadableFile(Protocol):
    """A landed file as the warehouse reads it, in any kind of storage."""

    @property
    def load_id(self) -> str:
        """The key of the load, in `ops.loads` and in every row."""
        ...

    @property
    def lines(self) -> int:
        """Number of lines that end with a newline."""
        ...

    def local_file(self, stem: Path) -> Path:
        """Make the file readable under the name `stem` with the suffix `.ndjson`, or `.ndjson.zst` if compressed."""
        ...

    def corruption(self, line: int | None, problem: str) -> CorruptLanding:
        """The error to raise when a line, or the whole file, cannot be read."""
        ...
