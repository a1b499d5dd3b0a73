"""Where Parquet publications are: a folder of this machine, or a prefix of an S3-compatible bucket.

A place has folders in `publications/`, one for each publication, and `current.json`, which names the newest.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from tt_pipeline.errors import TargetUnusable
from tt_pipeline.file_modes import set_readers
from tt_pipeline.publish_address import PublishAddress, is_in_bucket
from tt_pipeline.safe_files import lease, sync_folder, written_beside
from tt_pipeline.settings import bucket_variables
from tt_pipeline.warehouse.scratch import scratch_folder

if TYPE_CHECKING:  # of the extra `distributed`
    from obstore.store import ObjectStore

CURRENT: Final = "current.json"
PUBLICATIONS: Final = "publications"
_INSTALL: Final = "pip install 'tt-pipeline[distributed]'"
_LOCK: Final = ".publishing.lock"


class Place(Protocol):
    """Where publications are."""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Publish while no other process of this machine does."""
        ...

    def current(self) -> tuple[str, str] | None:
        """The text of current.json and its version; None if it does not exist."""
        ...

    def replace_current(self, text: str, version: str | None) -> bool:
        """Write current.json, if it still has this version; whether it had."""
        ...

    @contextmanager
    def adding(self, name: str) -> Iterator[Path]:
        """A folder on this machine; its files are in the publication of this name afterwards."""
        ...

    def publications(self) -> set[str]:
        """The names of all publications, also of unfinished ones."""
        ...

    def remove(self, name: str) -> None:
        """Delete a publication."""
        ...

    def remove_current(self) -> None:
        """Delete current.json."""
        ...


def place_of(address: PublishAddress, internal: Path, share_group: str | None) -> Place:
    """The place of an address."""
    if is_in_bucket(address.place):
        return Bucket(address, internal)
    return Folder(Path(address.place), share_group)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine."""

    root: Path
    share_group: str | None = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Publish while no other process does."""
        self.root.mkdir(parents=True, exist_ok=True)
        set_readers(self.root, self.share_group)
        with lease(self.root / _LOCK):
            yield

    def current(self) -> tuple[str, str] | None:
        """The text of current.json, which is its version too; None if it does not exist."""
        try:
            text = (self.root / CURRENT).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return text, text

    def replace_current(self, text: str, version: str | None) -> bool:
        """Write current.json, if it still has this version; whether it had."""
        there = self.current()
        if (there[1] if there else None) != version:
            return False
        with written_beside(self.root / CURRENT, text) as unfinished:
            set_readers(unfinished, self.share_group)
            unfinished.replace(self.root / CURRENT)
        return True

    @contextmanager
    def adding(self, name: str) -> Iterator[Path]:
        """The folder of the publication; its files are on the disk afterwards."""
        folder = self.root / PUBLICATIONS / name
        folder.mkdir(parents=True)
        set_readers(folder.parent, self.share_group)
        yield folder
        for parent, _, files in os.walk(folder):
            for file in files:
                set_readers(Path(parent, file), self.share_group)
                sync_folder(Path(parent, file))
            set_readers(Path(parent), self.share_group)
            sync_folder(Path(parent))
        sync_folder(folder.parent)

    def publications(self) -> set[str]:
        """The names of all publications, also of unfinished ones."""
        folder = self.root / PUBLICATIONS
        return {each.name for each in folder.iterdir()} if folder.exists() else set()

    def remove(self, name: str) -> None:
        """Delete a publication."""
        shutil.rmtree(self.root / PUBLICATIONS / name)

    def remove_current(self) -> None:
        """Delete current.json."""
        (self.root / CURRENT).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A prefix of an S3-compatible bucket; files are written on this machine first.

    DuckDB can write to buckets and cannot delete there, which old publications need. So obstore does both.
    """

    address: PublishAddress
    internal: Path
    store: "ObjectStore | None" = field(default=None, repr=False)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Publish; of two who do at once, `replace_current` refuses one."""
        yield

    def current(self) -> tuple[str, str] | None:
        """The text of current.json and its etag; None if it does not exist."""
        with self._opened() as store:
            try:
                found = store.get(CURRENT)
            except FileNotFoundError:
                return None
            return bytes(found.bytes()).decode(), found.meta["e_tag"] or ""

    def replace_current(self, text: str, version: str | None) -> bool:
        """Write current.json, if it still has this etag; whether it had."""
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        with self._opened() as store:
            try:
                mode: Any = {"e_tag": version} if version else "create"
                store.put(CURRENT, text.encode(), mode=mode, use_multipart=False)
            except (AlreadyExistsError, PreconditionError):
                return False
        return True

    @contextmanager
    def adding(self, name: str) -> Iterator[Path]:
        """A temporary folder; its files are uploaded afterwards."""
        with scratch_folder(self.internal) as folder:
            yield folder
            with self._opened() as store:
                for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                    store.put(f"{PUBLICATIONS}/{name}/{file.relative_to(folder).as_posix()}", file)

    def publications(self) -> set[str]:
        """The names of all publications, also of unfinished ones."""
        return {path.split("/")[1] for path in self._paths(f"{PUBLICATIONS}/")}

    def remove(self, name: str) -> None:
        """Delete a publication."""
        paths = self._paths(f"{PUBLICATIONS}/{name}/")
        with self._opened() as store:
            store.delete(paths)

    def remove_current(self) -> None:
        """Delete current.json."""
        with self._opened() as store:
            store.delete([CURRENT] if self.current() else [])

    def _paths(self, prefix: str) -> list[str]:
        with self._opened() as store:
            return [each["path"] for page in store.list(prefix) for each in page]

    @contextmanager
    def _opened(self) -> Iterator["ObjectStore"]:
        try:
            from obstore.exceptions import BaseError
            from obstore.store import S3Store
        except ImportError:
            raise TargetUnusable(f"{self.address}", f"obstore is not installed; run {_INSTALL}") from None
        bucket, _, prefix = self.address.place.removeprefix("s3://").partition("/")
        try:
            yield self.store or S3Store(bucket, prefix=prefix or None, config=_config(), client_options=_OPTIONS)
        except FileNotFoundError:
            raise
        except BaseError as error:  # its text can have the access key
            raise TargetUnusable(f"{self.address}", f"the store answers {type(error).__name__}") from None


_OPTIONS: Final[Any] = {"allow_http": True, "timeout": "60s"}


def _config() -> Any:
    """The configuration of obstore; its keys are the variables in lower case."""
    found = {name.lower(): value for name, value in bucket_variables().items()}
    return {"aws_region": "us-east-1", **found}
