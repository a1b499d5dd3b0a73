"""The landing zone that several machines share: what the landing zone of one machine needs from it.

Without TT_LANDING there is none, and nothing here does anything. With it, `bucket.py` keeps the pages in S3-compatible
object storage, and the landing folder of each machine is a copy.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tt_pipeline.errors import SettingsError
from tt_pipeline.landing.bucket_tombstones import BucketTombstones
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.identity import identity_of
from tt_pipeline.settings import Settings
from tt_pipeline.tombstones import SharedTombstones

if TYPE_CHECKING:
    from tt_pipeline.landing.object_store import ObjectStore

INSTALL: Final = "pip install 'tt-pipeline[distributed]'"


class Sender(Protocol):
    """Sends the pages of one load that is open for appending."""

    def send(self, page: Envelope) -> None:
        """Send the page that was just appended to the local file, and those before it that could not be sent.

        Raises:
            ContinuedElsewhere: Another machine has gone on with the load; what was not sent is cut off the file.
            SharedLandingFailed: The storage cannot be reached; the page stays in the file and is sent next time.
        """

    def flush(self) -> None:
        """Send what could not be sent before; raises as `send` does."""


class SharedLanding(Protocol):
    """What all machines share, and the landing folder that is this machine's copy of it.

    Attributes:
        is_shared: Whether other machines write there.
    """

    is_shared: bool

    def identity(self) -> str:
        """The identity of the landing zone, which the folder has from now on.

        Raises:
            SettingsError: The folder has pages of another study, or the storage cannot be used.
        """

    def pull(self, place: str = "", is_busy: Callable[[str], bool] = lambda _: False) -> None:
        """Make the folder equal to the shared landing zone; what only the folder has is sent there first.

        Args:
            place: Only this folder below the landing folder; "" for everything.
            is_busy: Takes a load_id; whether another process of this machine may be writing its file, which is left.

        Raises:
            SharedLandingFailed: The storage cannot be reached.
        """

    def sender(self, load_id: str) -> Sender:
        """The sender of a load that is open for appending."""

    def pack(self, load_id: str, packed: Path) -> None:
        """Store the compressed file of a load, to which no page can be added any more; the file may have any name.

        Raises:
            ContinuedElsewhere: Another machine has gone on with the load.
        """

    def replacing(self, load_id: str, lines: Sequence[bytes], content: bytes) -> AbstractContextManager[None]:
        """Replace a load by its redacted form, and within the context its local file.

        Args:
            load_id: The load.
            lines: One for each line that the file has; an empty one for a page that is removed.
            content: The new content of the file; empty if no page is left.

        Raises:
            ContinuedElsewhere: Another machine has changed the load since it was pulled.
        """

    def restore(self, load_id: str, damaged: Path) -> bool:
        """Replace a damaged local file by what is shared; False if that is just as damaged, or nothing is shared."""

    def mended(self, load_id: str, new_id: str) -> None:
        """Send the load that has the good pages of a damaged one, which nobody gets any more."""

    def differences(self) -> Iterator[str]:
        """Compare every shared page with the folder, byte for byte; yields the loads that differ or are not shared."""

    def is_complete(self, load_id: str) -> bool:
        """Whether no page can be added to a load, as far as this machine knows."""

    def is_removed(self, load_id: str) -> bool:
        """Whether a load was removed, so that its name is not used again."""

    def close(self) -> None:
        """Close what is open."""


class Nowhere:
    """Nothing is shared."""

    is_shared = False

    def __init__(self, root: Path) -> None:
        """Take the landing folder."""
        self._root = root

    def identity(self) -> str:
        """The identity of the folder."""
        return identity_of(self._root)

    def pull(self, place: str = "", is_busy: Callable[[str], bool] = lambda _: False) -> None:
        """Do nothing."""

    def sender(self, load_id: str) -> Sender:  # noqa: ARG002 — of the protocol
        """Something that sends nothing."""
        return _NOBODY

    def pack(self, load_id: str, packed: Path) -> None:
        """Do nothing."""

    @contextmanager
    def replacing(self, load_id: str, lines: Sequence[bytes], content: bytes) -> Iterator[None]:  # noqa: ARG002
        """Nothing but the context."""
        yield

    def restore(self, load_id: str, damaged: Path) -> bool:  # noqa: ARG002
        """Nothing can be restored."""
        return False

    def mended(self, load_id: str, new_id: str) -> None:
        """Do nothing."""

    def differences(self) -> Iterator[str]:
        """Nothing is shared."""
        return iter(())

    def is_complete(self, load_id: str) -> bool:  # noqa: ARG002
        """The files say that."""
        return False

    def is_removed(self, load_id: str) -> bool:  # noqa: ARG002
        """A name can be used again."""
        return False

    def close(self) -> None:
        """Do nothing."""


class _Nobody:
    def send(self, page: Envelope) -> None:
        pass

    def flush(self) -> None:
        pass


_NOBODY: Final = _Nobody()


def shared_landing(settings: Settings) -> Callable[[Path], SharedLanding]:
    """What opens the shared landing zone of these settings for a landing folder; nothing is sent before it is called.

    Raises:
        SettingsError: TT_LANDING contradicts another setting, or its library is not installed.
    """
    if not settings.landing:
        return Nowhere
    store = _store_of(settings)
    from tt_pipeline.landing.bucket import Bucket  # noqa: PLC0415 — of an extra, for those who set TT_LANDING

    return lambda root: Bucket(root, store)


def shared_tombstones(settings: Settings) -> SharedTombstones | None:
    """What any machine that shares the landing zone of these settings has deleted; None if none is shared.

    Raises:
        SettingsError: TT_LANDING contradicts another setting, or its library is not installed.
    """
    return BucketTombstones(_store_of(settings)) if settings.landing else None


def _store_of(settings: Settings) -> "ObjectStore":
    check_shared_ledger(settings)
    try:
        from tt_pipeline.landing.object_store import open_store  # noqa: PLC0415 — as above
    except ImportError as error:
        raise SettingsError("TT_LANDING", "needs obstore, which is not installed", remedy=INSTALL) from error
    return open_store(settings)


def check_shared_ledger(settings: Settings) -> None:
    """Check that machines that share the landing zone also share the ledger.

    Raises:
        SettingsError: TT_LANDING is set, and TT_LEDGER is no database that all machines reach.
    """
    if settings.landing and not settings.ledger_url:
        raise SettingsError(
            "TT_LANDING",
            "is set, and TT_LEDGER is no database that all machines reach",
            remedy="Each machine would count only its own requests and spend the quota again: set "
            "TT_LEDGER=postgresql://…, or unset TT_LANDING. Nothing was sent.",
        )
