"""What does a search_id stand for, and when is it accepted?

The server keeps the result of each search as it was at the first request, and pages read from that list.
`query_language.py` and `archive.py` decide which videos match.
"""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.randomness import seeded_random, snowflake
from tt_pipeline.simulator.responses import invalid_search_id
from tt_pipeline.simulator.video_model import Video

_MAX_SEARCHES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenSearch:
    """The result of a search as it was at its first request; which slots are hidden is decided for each page."""

    key: str
    created_s: float
    slots: list[Video]


@dataclass(slots=True)
class Searches:
    """The latest 2,000 searches by id, and the latest id of each query."""

    seed: int
    _by_id: dict[int, FrozenSearch] = field(default_factory=dict)
    _latest: dict[str, int] = field(default_factory=dict)
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = seeded_random(self.seed, "searches")

    def remember(self, search: FrozenSearch) -> int:
        """Store a search and return its new id, whose high bits are the second of the search's creation."""
        search_id = snowflake(int(search.created_s), self._random)
        if len(self._by_id) >= _MAX_SEARCHES:
            self._by_id.pop(next(iter(self._by_id)))
        self._by_id[search_id] = search
        self._latest[search.key] = search_id
        return search_id

    def find_reusable(self, key: str, now_s: float, knobs: Knobs) -> int | None:
        """The id of the latest search of this key while it is younger than `search_cache_s`, else None."""
        search_id = self._latest.get(key)
        search = self._by_id.get(search_id) if search_id is not None else None
        if search is None or not 0 <= now_s - search.created_s < knobs.search_cache_s:
            return None
        return search_id

    def get(self, search_id: int) -> FrozenSearch:
        """The search with an id that `remember` or `find_reusable` returned."""
        return self._by_id[search_id]

    def resume(self, search_id: str, key: str, now_s: float, knobs: Knobs) -> FrozenSearch:
        """The search that a request continues.

        Raises:
            Refused: The id is unknown, too new, too old, or belongs to another search.
        """
        search = self._by_id.get(int(search_id)) if search_id.isascii() and search_id.isdigit() else None
        if search is None or search.key != key:
            raise invalid_search_id(search_id)
        if not knobs.search_warmup_s <= now_s - search.created_s < knobs.search_ttl_s:
            raise invalid_search_id(search_id)
        return search


def search_key(query: dict[str, Any], *window: object) -> str:
    """The same key for the same search: made of the query without empty groups, the dates and the page size."""
    filled = {name: group for name, group in query.items() if group}
    return json.dumps([filled, *map(str, window)], sort_keys=True)
