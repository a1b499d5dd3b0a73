"""Report each undocumented key of a record once, so that new fields of the API are noticed without flooding the log."""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Final

from tt_pipeline.codebook.endpoints import Endpoint
from tt_pipeline.json_text import one_line
from tt_pipeline.research_api.page import JsonObject

_LONGEST_KEY: Final = 64
_MOST_KEYS: Final = 200

log = logging.getLogger(__name__)


def warn(endpoint: str, key: str) -> None:
    """Log an undocumented key."""
    log.warning("unknown key: endpoint=%s key=%s", endpoint, key)


class DriftWatch:
    """Reports each (endpoint, key) once; thread-safe."""

    def __init__(self, report: Callable[[str, str], None] = warn) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._reported: set[tuple[str, str]] = set()

    def look(self, endpoint: Endpoint, records: Iterable[JsonObject]) -> None:
        """Report keys of the records that are undocumented and not yet reported."""
        unknown = {one_line(key, longest=_LONGEST_KEY) for record in records for key in record} - endpoint.known_keys
        for key in sorted(unknown):
            with self._lock:
                is_new = (endpoint.name, key) not in self._reported and len(self._reported) < _MOST_KEYS
                self._reported |= {(endpoint.name, key)} if is_new else set()
            if is_new:
                self._report(endpoint.name, key)
