"""What is kept of an answer that is not kept whole: one that is not JSON, or larger than the limit."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

_HEAD_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedAnswer:
    """Size, checksum and beginning of an answer.

    Attributes:
        size: Bytes of the body as far as it was read.
        is_cut: The body was longer; the rest was not read.
        sha256: Of these bytes, in hexadecimal digits.
        head: The first 4 KiB as text; bytes that are not UTF-8 are U+FFFD.
        reason: Why it was not kept whole.
    """

    size: int
    is_cut: bool
    sha256: str
    head: str
    reason: str

    @classmethod
    def of(cls, body: bytes, reason: str, *, is_cut: bool = False) -> Self:
        """What is kept of a body."""
        return cls(
            size=len(body),
            is_cut=is_cut,
            sha256=hashlib.sha256(body).hexdigest(),
            head=body[:_HEAD_BYTES].decode("utf-8", errors="replace"),
            reason=reason,
        )

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return asdict(self)

    def __str__(self) -> str:
        size = f"more than {self.size:,}" if self.is_cut else f"{self.size:,}"
        return f"{self.reason}: {size} bytes, sha256 {self.sha256}"
