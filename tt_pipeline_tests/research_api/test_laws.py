"""Laws of paging, against a small model of the server that fails as a drawn script says."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.errors import QuotaExhausted, TransientApiError, WindowTooHeavy
from tt_pipeline.research_api import Page, ResearchApi, Resume
from tt_pipeline.vocabulary import StopReason
from tt_pipeline_tests.research_api.server import (
    WILD_BEES,
    WatchedGate,
    client,
    dead_search_id,
    document,
    page_of,
    refused,
)

FIRST_DAY, LAST_DAY = date(2026, 11, 1), date(2026, 11, 3)
START = datetime(2026, 11, 1, tzinfo=UTC)
FAULTS = (
    "fine", "internal error", "html", "no answer", "cut body", "burst", "token refused", "id refused", "id dies",
    "new id", "no id", "day is over",
)  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """A place in the result of a search: a video that may be hidden."""

    second: int
    delay_s: int
    is_hidden: bool
    number: int

    @property
    def video_id(self) -> int:
        """The id of the slot, with the second of the upload in its high bits."""
        return ((int(START.timestamp()) + self.second) << 32) + self.number

    @property
    def day(self) -> str:
        """The UTC day of the video's create_time."""
        return f"{START + timedelta(seconds=self.second + self.delay_s):%Y%m%d}"


@dataclass
class Model:
    """Searches over slots, three a page, with the scripted faults and then none."""

    slots: Sequence[Slot]
    script: Iterable[str]
    alive: dict[str, list[Slot]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._faults, self._numbers = iter(self.script), count(77)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        if request.url.path == "/v2/oauth/token/":
            return document("token")
        fault, body = next(self._faults, "fine"), json.loads(request.content)
        return self._broken(fault, body) or self._page(fault, body)

    def _broken(self, fault: str, body: dict[str, Any]) -> httpx.Response | None:
        if fault == "no answer":
            raise httpx.ReadTimeout("slow")
        if fault == "id dies":
            self.alive.pop(body.get("search_id", ""), None)
        if fault == "id refused" and "search_id" in body:
            return dead_search_id()
        return {
            "internal error": lambda: refused(500, "internal_error", "Something is wrong. Please try again later."),
            "html": lambda: document("gateway_timeout_html"),
            "cut body": lambda: document("cut_body"),
            "burst": lambda: document("rate_limit_exceeded"),
            "token refused": lambda: document("access_token_invalid"),
            "day is over": lambda: document("daily_quota_limit_exceeded"),
        }.get(fault, lambda: None)()

    def _page(self, fault: str, body: dict[str, Any]) -> httpx.Response:
        cursor, search_id = body.get("cursor", 0), body.get("search_id")
        if search_id and search_id not in self.alive:
            return dead_search_id()
        found = self.alive[search_id] if search_id else self._search(body["start_date"], body["end_date"])
        if not search_id or fault == "new id":
            search_id = str(next(self._numbers))
            self.alive[search_id] = found
        here = found[cursor : cursor + 3]
        after = cursor + len(here)
        stuck = fault == "stuck" and after < len(found)
        return page_of(
            *(slot.video_id for slot in here if not slot.is_hidden),
            cursor=cursor if stuck else after,
            has_more=after < len(found),
            **({} if fault == "no id" and cursor else {"search_id": search_id}),
        )

    def _search(self, first: str, last: str) -> list[Slot]:
        inside = (slot for slot in self.slots if first <= slot.day <= last)
        return sorted(inside, key=lambda slot: -slot.video_id)


@dataclass
class Collector:
    """Requests as ingestion does: received pages are not requested again, unfinished searches are resumed."""

    api: ResearchApi
    received: list[Page] = field(default_factory=list)

    @property
    def video_ids(self) -> list[int]:
        """Every received id, in order."""
        return [record["id"] for page in self.received for record in page.records]

    def collect(self) -> StopReason:
        """Resume until a page is the last."""
        while not self.received or self.received[-1].ends is None:
            try:
                self.received.extend(self.api.video_pages(WILD_BEES, FIRST_DAY, LAST_DAY, resume=self._resume()))
            except (WindowTooHeavy, QuotaExhausted, TransientApiError):
                continue
        return self.received[-1].ends or StopReason.COMPLETE

    def _resume(self) -> Resume | None:
        if not self.received:
            return None
        last = self.received[-1]
        return Resume(
            request=last.request,
            cursor=last.cursor,
            search_id=last.search_id or last.request.get("search_id"),
            lowest_id=min(self.video_ids, default=None),
        )


WHOLE_SLOTS = st.lists(
    st.builds(
        Slot,
        second=st.one_of(st.integers(0, 3 * 86_400 - 60), st.sampled_from([86_390, 86_380, 172_790, 172_770])),
        delay_s=st.integers(18, 48),
        is_hidden=st.booleans(),
        number=st.integers(1, 1_000_000),
    ),
    max_size=30,
    unique_by=lambda slot: slot.video_id,
)


@given(slots=WHOLE_SLOTS, script=st.lists(st.sampled_from(FAULTS), max_size=25))
def test_under_any_faults_that_end_every_visible_video_is_received(slots: list[Slot], script: list[str]) -> None:
    """For any faults, a search that is resumed until its end has exactly the visible videos."""
    gate = WatchedGate()
    collector = Collector(client(Model(slots, script), gate=gate))
    assert collector.collect() == StopReason.COMPLETE
    assert {slot.video_id for slot in slots if not slot.is_hidden} == set(collector.video_ids)
    assert len(gate.reserved) == len(gate.settled)


@given(slots=WHOLE_SLOTS, script=st.lists(st.sampled_from((*FAULTS, "stuck", "stuck")), max_size=25))
def test_an_incomplete_search_is_never_called_complete(slots: list[Slot], script: list[str]) -> None:
    """A cursor that does not move may end a search early; the last page then has that reason."""
    collector = Collector(client(Model(slots, script)))
    ends, visible = collector.collect(), {slot.video_id for slot in slots if not slot.is_hidden}
    assert ends in {StopReason.COMPLETE, StopReason.CURSOR_STUCK}
    assert ends is StopReason.CURSOR_STUCK or visible == set(collector.video_ids)


@given(slots=WHOLE_SLOTS)
def test_without_faults_nothing_is_requested_or_received_twice(slots: list[Slot]) -> None:
    """A healthy search is one request for three slots and returns every visible video once, in falling order."""
    gate = WatchedGate()
    collector = Collector(client(Model(slots, ()), gate=gate))
    collector.collect()
    assert sorted((slot.video_id for slot in slots if not slot.is_hidden), reverse=True) == collector.video_ids
    assert max(1, -(-len(slots) // 3)) == len(gate.settled)


@given(data=st.data())
def test_one_dead_search_id_costs_the_wait_and_one_day(data: st.DataObject) -> None:
    """A search_id that dies costs at most six refusals and the pages of one day."""
    slots = [Slot(second=n * 5_400, delay_s=20, is_hidden=False, number=1) for n in range(48)]
    dies_after = data.draw(st.integers(1, 15))
    gate = WatchedGate()
    collector = Collector(client(Model(slots, ["fine"] * dies_after + ["id dies"]), gate=gate))
    assert collector.collect() == StopReason.COMPLETE
    assert {slot.video_id for slot in slots} == set(collector.video_ids)
    pages_of_a_day = 6
    assert len(gate.settled) <= 16 + 6 + pages_of_a_day + 1


@given(
    seconds=st.lists(st.integers(86_400 - 60, 86_400 + 20), min_size=4, max_size=12, unique=True),
    delays_s=st.lists(st.integers(18, 48), min_size=12, max_size=12),
    dies_after=st.integers(1, 4),
)
def test_no_video_around_midnight_is_lost_when_a_search_restarts(
    seconds: list[int], delays_s: list[int], dies_after: int
) -> None:
    """The second in an id is before create_time, so the id may be of the day before the video's."""
    slots = [
        Slot(second=second, delay_s=delay, is_hidden=False, number=1)
        for second, delay in zip(seconds, delays_s, strict=False)
    ]
    collector = Collector(client(Model(slots, ["fine"] * dies_after + ["id dies"])))
    assert collector.collect() == StopReason.COMPLETE
    assert {slot.video_id for slot in slots} == set(collector.video_ids)
