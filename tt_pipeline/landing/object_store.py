"""One prefix of an S3-compatible bucket: objects are made once, replaced if they have not changed, and read.

Only this module knows obstore, a binding of Rust's `object_store`, which every S3-compatible store is tried with. It is
imported when TT_LANDING is set. After a fork obstore crashes: whoever starts processes uses spawn.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple, TypeVar
from uuid import uuid4

from obstore.exceptions import AlreadyExistsError, BaseError, GenericError, PreconditionError
from obstore.store import ObjectStore as Store
from obstore.store import S3Store
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_chain, wait_fixed

from tt_pipeline.clock import real_sleep
from tt_pipeline.errors import SettingsError, SharedLandingFailed
from tt_pipeline.settings import Settings

_WAITS_S: Final = (1, 2, 4, 8, 15, 30)
"""Before each next try; after a minute the store counts as unreachable."""
_ANSWER_S: Final = 300
"""A file of 100 MB takes 80 seconds at 10 Mbit/s."""
_STATUS: Final = re.compile(r"status code: (\d{3}[A-Za-z ]*)")
_REFUSED: Final = re.compile(r"status code: 4(?!08|09|29)\d\d")
_UNVERSIONED: Final = frozenset({None, "null"})
"""What stores without versions, and those that no longer make any, say of a new object."""

T = TypeVar("T")


class Found(NamedTuple):
    """An object as the store lists it: its version, and its size in bytes."""

    etag: str
    size: int


class _NotThereYet(Exception):
    """The store says that an object exists, and has none: another upload of it is not finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStore:
    """The objects below a prefix; names are relative to it. Each method tries again for a minute.

    Attributes:
        store: The bucket.
        prefix: Without a slash at its ends; "" for the whole bucket.
        place: For messages, such as `s3://bucket/prefix`.
        sleep: Waits a number of seconds.
    """

    store: Store
    prefix: str
    place: str
    sleep: Callable[[float], None] = real_sleep

    def create(self, name: str, content: bytes) -> str | None:
        """Make an object that does not exist; its etag, or None if it exists with another content.

        An object with the same content is taken for our own of an earlier try.

        Raises:
            SharedLandingFailed: The store cannot be reached, or refuses.
            SettingsError: The bucket keeps old versions.
        """

        def create() -> str | None:
            try:
                return self._put(name, content, "create")
            except AlreadyExistsError:
                there = self._get(name)
                if there is None:
                    raise _NotThereYet from None
                return there[1].etag if there[0] == content else None

        return self._tried(create)

    def replace(self, name: str, content: bytes, etag: str) -> str | None:
        """Replace an object that has this etag; its new etag, or None if it has changed or is gone.

        Raises:
            SharedLandingFailed: The store cannot be reached, or refuses.
            SettingsError: The bucket keeps old versions.
        """

        def replace() -> str | None:
            try:
                return self._put(name, content, etag)
            except PreconditionError:
                there = self._get(name)
                return there[1].etag if there and there[0] == content else None

        return self._tried(replace)

    def read(self, name: str) -> tuple[bytes, Found] | None:
        """The content of an object; None if there is none."""
        return self._tried(lambda: self._get(name))

    def find(self, name: str) -> Found | None:
        """The version of an object; None if there is none."""

        def find() -> Found | None:
            try:
                meta = self.store.head(self._path(name))
            except FileNotFoundError:
                return None
            return Found(meta["e_tag"] or "", meta["size"])

        return self._tried(find)

    def list(self, folder: str) -> dict[str, Found]:
        """Every object below a folder, by its name."""
        start = len(self._path(""))

        def found() -> dict[str, Found]:
            pages = self.store.list(self._path(folder))
            return {each["path"][start:]: Found(each["e_tag"] or "", each["size"]) for page in pages for each in page}

        return self._tried(found)

    def delete(self, names: Collection[str]) -> None:
        """Delete objects; one that does not exist is none."""
        if names:
            self._tried(lambda: self.store.delete([self._path(name) for name in names]))

    def check(self) -> None:
        """Check that of two processes that make the same object one is refused, and that no old version is kept.

        Raises:
            SettingsError: Two machines could write the same page, or deleted data would stay in the bucket.
        """
        probe = f"probe-{uuid4().hex}"
        try:
            self.create(probe, b"1")
            if self.create(probe, b"2") is not None:
                raise SettingsError(
                    "TT_LANDING",
                    f"is {self.place}, whose store overwrites an object although it was told not to (If-None-Match)",
                    remedy="Two machines would overwrite each other's answers: use a store with conditional writes.",
                )
        finally:
            self.delete([probe])

    def _path(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name

    def _put(self, name: str, content: bytes, mode: str) -> str:
        put = self.store.put(
            self._path(name),
            content,
            mode="create" if mode == "create" else {"e_tag": mode},
            use_multipart=False,
        )
        if put["version"] not in _UNVERSIONED:
            raise SettingsError(
                "TT_LANDING",
                f"is {self.place}, a bucket that keeps the old versions of its objects",
                remedy="What is deleted would stay in it: use a bucket without versioning.",
            )
        return put["e_tag"] or ""

    def _get(self, name: str) -> tuple[bytes, Found] | None:
        try:
            got = self.store.get(self._path(name))
            content = bytes(got.bytes())
        except FileNotFoundError:
            return None
        return content, Found(got.meta["e_tag"] or "", len(content))

    def _tried(self, operation: Callable[[], T]) -> T:
        retrying = Retrying(
            sleep=self.sleep,
            wait=wait_chain(*map(wait_fixed, _WAITS_S)),
            stop=stop_after_attempt(1 + len(_WAITS_S)) | stop_after_delay(sum(_WAITS_S)),
            retry=retry_if_exception(_may_pass),
            reraise=True,
        )
        try:
            return retrying(operation)
        except (BaseError, _NotThereYet, FileNotFoundError) as error:
            raise SharedLandingFailed(self.place, _problem(error)) from None  # its text can name the access key


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, _NotThereYet):
        return True
    return isinstance(error, GenericError) and not _REFUSED.search(str(error))


def _problem(error: Exception) -> str:
    """What the store answered, without its text."""
    if status := _STATUS.search(str(error)):
        return f"it answers {status[1].strip()}"
    if isinstance(error, GenericError):
        return "it does not answer"
    return f"it answers {type(error).__name__.removesuffix('Error')}"


def open_store(settings: Settings) -> ObjectStore:
    """The bucket and prefix of TT_LANDING; nothing is sent."""
    bucket, _, prefix = settings.landing.removeprefix("s3://").partition("/")
    prefix = prefix.strip("/")
    given = {
        "access_key_id": settings.aws_access_key_id.get_secret_value(),
        "secret_access_key": settings.aws_secret_access_key.get_secret_value(),
        "session_token": settings.aws_session_token.get_secret_value(),
        "endpoint": settings.aws_endpoint_url,
        "region": settings.aws_region or "us-east-1",
    }
    store = S3Store(
        bucket,
        config={name: value for name, value in given.items() if value},  # type: ignore[arg-type]  # keys of S3Config
        client_options={"allow_http": True, "timeout": timedelta(seconds=_ANSWER_S)},  # settings refuse http elsewhere
        retry_config={"max_retries": 0},
    )
    return ObjectStore(store=store, prefix=prefix, place=f"s3://{bucket}{f'/{prefix}' if prefix else ''}")
