"""The address of a publish target: where a copy of the published file goes, as TT_PUBLISH writes it."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

_S3: Final = "s3://"
_POSTGRES: Final = "postgres:"
_SQLITE: Final = "sqlite:"
# As in libpq's `password=…`, and in the address postgresql://user:password@host.
_PASSWORD: Final = re.compile(
    r"(?P<name>\bpassword\s*=\s*)(?P<one>'(?:[^'\\]|\\.)*'|\S+)|(?<=//)(?P<user>[^:/@]*):(?P<two>[^@]*)@"
)


class TargetKind(StrEnum):
    """What a target is made of."""

    PARQUET = "parquet"
    DUCKLAKE = "ducklake"


@dataclass(frozen=True, slots=True)
class PublishAddress:
    """The address of a target; its password is never shown.

    Attributes:
        place: Of Parquet a folder or `s3://bucket/prefix`. Of DuckLake its catalog: `postgres:` with what libpq reads,
            `sqlite:` with a file, or a file of DuckDB.
        data: The folder or prefix of DuckLake's data; "" for the one that its catalog names.
    """

    kind: TargetKind
    place: str = field(repr=False)
    data: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """The address that a setting has; paths become absolute.

        Raises:
            ValueError: It is none.
        """
        kind, _, place = text.strip().partition(":")
        if kind not in list(TargetKind) or not place.strip():
            raise ValueError(f"{_without_password(text.strip())!r} begins with neither parquet: nor ducklake:")
        return cls(TargetKind(kind), _absolute(place.strip()))

    def with_data(self, data: str) -> "PublishAddress":
        """The same with the place of DuckLake's data."""
        return replace(self, data=_absolute(data.strip()) if data.strip() else "")

    @property
    def setting(self) -> str:
        """The value of TT_PUBLISH, with the password."""
        return f"{self.kind}:{self.place}"

    @property
    def has_password(self) -> bool:
        """Whether the value of TT_PUBLISH must not be shown."""
        return bool(_PASSWORD.search(self.place))

    @property
    def is_in_postgres(self) -> bool:
        """Whether it is a DuckLake whose catalog is in Postgres."""
        return self.kind is TargetKind.DUCKLAKE and self.place.startswith(_POSTGRES)

    @property
    def is_in_sqlite(self) -> bool:
        """Whether it is a DuckLake whose catalog is a file of SQLite."""
        return self.kind is TargetKind.DUCKLAKE and self.place.startswith(_SQLITE)

    @property
    def file(self) -> Path | None:
        """The folder of Parquet files or the file of a catalog; None if it is not on a disk."""
        return None if self.place.startswith((_S3, _POSTGRES)) else Path(self.place.removeprefix(_SQLITE))

    @property
    def local_paths(self) -> list[Path]:
        """Its places on disks."""
        data = Path(self.data) if self.data and not is_in_bucket(self.data) else None
        return [path for path in (self.file, data) if path]

    def masked(self, text: str) -> str:
        """A text, such as an error of a server, without the password."""
        for found in _PASSWORD.finditer(self.place):
            text = text.replace((found["one"] or found["two"]).strip("'"), "…")
        return text

    def __str__(self) -> str:
        """The address without its password, which `read` reads."""
        return f"{self.kind}:{_without_password(self.place)}"


def is_in_bucket(place: str) -> bool:
    """Whether a place is in an S3-compatible store."""
    return place.startswith(_S3)


def _without_password(text: str) -> str:
    return _PASSWORD.sub(lambda found: "" if found["one"] else f"{found['user']}@", text).strip()


def _absolute(place: str) -> str:
    if place.startswith((_S3, _POSTGRES)):
        return place.rstrip("/")
    prefix = _SQLITE if place.startswith(_SQLITE) else ""
    try:
        return f"{prefix}{Path(place.removeprefix(prefix)).expanduser().absolute()}"
    except RuntimeError:
        raise ValueError("no home folder is known for this ~") from None
