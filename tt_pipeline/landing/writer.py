"""Adds pages to one load: to its file, to the index, and to what several machines share."""

import threading
from collections.abc import Callable, Iterator
from functools import partial

from tt_pipeline.errors import ContinuedElsewhere
from tt_pipeline.landing.appending import OpenFile
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.index import Index
from tt_pipeline.landing.reading import envelopes, stamp_of
from tt_pipeline.landing.shared import Sender, SharedLanding


class LandingWriter:
    """A load that is open for appending, with its index rows; threads may share it."""

    def __init__(
        self, index: Index, file: OpenFile, lines: int, confirm: Callable[[], None], shared: SharedLanding
    ) -> None:
        """Continue after the lines that the file has; `confirm` checks the lease before each page."""
        self._index, self._file, self._lines, self._confirm, self._shared = index, file, lines, confirm, shared
        self._sender: Sender = shared.sender(file.load_id)
        self._turn = threading.Lock()

    def envelopes(self) -> Iterator[Envelope]:
        """The pages that the load has now; it must have one."""
        return envelopes(self._file.path)

    def append(self, envelope: Envelope) -> None:
        """Add a page; it is on disk, in the index and in what is shared when this returns.

        Raises:
            LeaseLost: This process was paused, and another machine may have gone on; nothing was added.
            StorageFailed: The disk is full, or the folder cannot be written; nothing was added.
            ContinuedElsewhere: Another machine has gone on with the load; nothing was added.
            SharedLandingFailed: What is shared cannot be reached; the page is kept here, and is sent next time.
        """
        with self._turn:
            self._confirm()
            stamp = self._file.append(envelope)
            self._lines += 1
            self._index.add_page(self._file.load_id, self._lines, stamp, envelope)
            try:
                self._sender.send(envelope)
            except ContinuedElsewhere:
                path = self._file.path
                self._lines = self._index.replace_file(self._file.load_id, stamp_of(path), envelopes(path))
                raise

    def pack(self) -> None:
        """Compress the load; no page can be appended afterwards.

        Raises:
            ContinuedElsewhere: Another machine has gone on with the load; the plain file is left.
            SharedLandingFailed: What is shared cannot be reached; the plain file is left.
        """
        self._sender.flush()
        path = self._file.pack(partial(self._shared.pack, self._file.load_id))
        if path:
            self._index.moved(self._file.load_id, stamp_of(path), envelopes(path))
