"""Searches the server remembers: a search_id names a frozen list of slots, and the rules for going on with it."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.randomness import seeded_random, snowflake
from tt_pipeline.simulator.responses import invalid_search_id
from tt_pipeline.simulator.video_model import Video

_KEPT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenSearch:
    """A query's result, frozen when it was first asked; hidden slots are told apart when a page is read."""

    key: str
    created_s: float
    slots: list[Video]


@dataclass(slots=True)
class Searches:
    """All searches by id, and the latest of each query."""

    seed: int
    _by_id: dict[int, FrozenSearch] = field(default_factory=dict)
    _latest: dict[str, int] = field(default_factory=dict)
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = seeded_random(self.seed, "searches")

    def remember(self, search: FrozenSearch) -> int:
        """Give a search an id; it is created at the second that the id says."""
        search_id = snowflake(int(search.created_s), self._random)
        if len(self._by_id) >= _KEPT:
            self._by_id.pop(next(iter(self._by_id)))
        self._by_id[search_id] = search
        self._latest[search.key] = search_id
        return search_id

    def find_reusable(self, key: str, now_s: float, knobs: Knobs) -> int | None:
        """The id of the same query's result while it is fresh enough to be given again."""
        search_id = self._latest.get(key)
        search = self._by_id.get(search_id) if search_id is not None else None
        if search is None or not 0 <= now_s - search.created_s < knobs.search_cache_s:
            return None
        return search_id

    def get(self, search_id: int) -> FrozenSearch:
        """The search that `remember` or `reusable` named."""
        return self._by_id[search_id]

    def resume(self, search_id: str, key: str, now_s: float, knobs: Knobs) -> FrozenSearch:
        """The search to go on with.

        Raises:
            Refused: The id is unknown, was given out a moment ago, is too old, or names another search.
        """
        search = self._by_id.get(int(search_id)) if search_id.isascii() and search_id.isdigit() else None
        if search is None or search.key != key:
            raise invalid_search_id(search_id)
        if not knobs.search_warmup_s <= now_s - search.created_s < knobs.search_ttl_s:
            raise invalid_search_id(search_id)
        return search


def search_key(query: dict[str, Any], *window: object) -> str:
    """What makes two requests the same search: the query without its empty groups, dates and page size."""
    filled = {name: group for name, group in query.items() if group}
    return json.dumps([filled, *map(str, window)], sort_keys=True)
