"""Keys that nobody has described: told once each, so that a new field of TikTok's is noticed and no log is flooded."""

import logging
import threading
from collections.abc import Callable, Iterable

from tt_pipeline.codebook.endpoints import Endpoint
from tt_pipeline.research_api.page import JsonObject

log = logging.getLogger(__name__)


def warn(endpoint: str, key: str) -> None:
    """Write the find to the log."""
    log.warning("unknown key: endpoint=%s key=%s", endpoint, key)


class DriftWatch:
    """Tells each (endpoint, key) once; safe between threads."""

    def __init__(self, tell: Callable[[str, str], None] = warn) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._told: set[tuple[str, str]] = set()

    def look(self, endpoint: Endpoint, records: Iterable[JsonObject]) -> None:
        """Tell the keys of the records that were not known and not told yet."""
        for key in sorted({key for record in records for key in record} - endpoint.known_keys):
            with self._lock:
                is_new = (endpoint.name, key) not in self._told
                self._told.add((endpoint.name, key))
            if is_new:
                self._tell(endpoint.name, key)
