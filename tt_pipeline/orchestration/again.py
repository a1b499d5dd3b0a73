"""Remembers when each `--again` was first requested, so that the same command continues after a pause.

Without it, the continued command would request once more the days that it has already collected again.
"""

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tt_pipeline.clock import Clock
from tt_pipeline.safe_files import lease, write_whole

_CONTINUES_FOR: Final = timedelta(days=7)
"""A command that was not run for longer begins anew."""


@dataclass(frozen=True, slots=True)
class AgainFile:
    """A JSON file with the unfinished requests: for each, when it was first made and when its command last ran."""

    file: Path
    clock: Clock

    def since(self, request: str) -> datetime:
        """When this request was first made: now, unless the same request is unfinished. It is remembered."""
        with self._alone():
            first_at = self.would_be_since(request)
            self._write(self._unfinished() | {request: (first_at, self.clock.now())})
        return first_at

    def would_be_since(self, request: str) -> datetime:
        """What `since` would return; nothing is remembered."""
        now = self.clock.now()
        return self._unfinished().get(request, (now, now))[0]

    def is_unfinished(self, request: str) -> bool:
        """Whether the request goes on; otherwise it begins."""
        return request in self._unfinished()

    def finished(self, request: str) -> None:
        """Forget the request; the next one of the same text begins anew."""
        if not self.is_unfinished(request):
            return
        with self._alone():
            self._write({known: instants for known, instants in self._unfinished().items() if known != request})

    def _alone(self) -> AbstractContextManager[None]:
        """Let another process that changes the file wait, so that no request is lost."""
        return lease(self.file.with_name(f"{self.file.name}.lock"))

    def _unfinished(self) -> dict[str, tuple[datetime, datetime]]:
        """First and last instant of each request; entries that are too old or damaged are left out."""
        try:
            stored = json.loads(self.file.read_bytes())
            known = {request: _instants(entry) for request, entry in stored.items()}
        except (OSError, ValueError, AttributeError, RecursionError):
            return {}
        oldest = self.clock.now() - _CONTINUES_FOR
        return {request: instants for request, instants in known.items() if instants and instants[1] >= oldest}

    def _write(self, unfinished: dict[str, tuple[datetime, datetime]]) -> None:
        entries = {request: [instant.isoformat() for instant in both] for request, both in unfinished.items()}
        write_whole(self.file, json.dumps(entries, indent=1) + "\n")


def _instants(entry: Any) -> tuple[datetime, datetime] | None:
    try:
        first_at, last_at = (datetime.fromisoformat(instant).astimezone(UTC) for instant in entry)
    except (TypeError, ValueError, OverflowError):
        return None
    return first_at, last_at
