"""A yes holds for the days and the price that it was given for, and no longer than needed."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.planning import Repeat, RepeatReason, waiting_sentence
from tt_pipeline.planning.confirmed import Confirmations
from tt_pipeline.safe_files import lease

FIRST = date(2026, 10, 1)


def edited(**override: Any) -> Repeat:
    """Four outdated days of a search, for 60 requests."""
    days = tuple(FIRST + timedelta(days=n) for n in range(override.pop("number", 4)))
    fields: dict[str, Any] = {
        "asset": "videos/climate",
        "reason": RepeatReason.EDITED,
        "version": "abc",
        "days": days,
        "requests": 60,
    }
    return Repeat(**fields | override)  # fields are what they are


@pytest.fixture
def file(tmp_path: Path) -> Confirmations:
    """No yes yet."""
    return Confirmations(tmp_path / "confirmed.json")


@pytest.mark.parametrize(
    ("repeats", "limit", "is_open"),
    [
        ([], 0, False),
        ([edited(requests=50)], 50, False),
        ([edited(requests=51)], 50, True),
        ([edited(requests=30), edited(asset="videos/football", requests=30)], 50, True),
        ([edited(requests=1, of_new_videos={"comments": 30, "users": 20})], 50, True),
        ([edited(requests=1)], 0, True),
    ],
    ids=["nothing", "at the limit", "above", "together above", "with new videos above", "no request without a yes"],
)
def test_the_sum_decides(file: Confirmations, repeats: list[Repeat], limit: int, is_open: bool) -> None:  # noqa: FBT001 — a case
    """Everything that is requested again is added up, with the comments and profiles of new videos."""
    assert file.missing(repeats, limit=limit) == (repeats if is_open else [])


@pytest.mark.parametrize(
    ("repeat", "is_open"),
    [
        (edited(), False),
        (edited(number=2, requests=55), False),
        (edited(requests=61), True),
        (edited(number=5), True),
        (edited(version="def"), True),
        (edited(asset="videos/football"), True),
    ],
    ids=["the same", "what is left of it", "a higher price", "another day", "another query", "another search"],
)
def test_a_yes_is_for_its_days_and_price(file: Confirmations, repeat: Repeat, is_open: bool) -> None:  # noqa: FBT001 — a case
    """What is left after a pause needs no second yes; more days, a higher price or another query do."""
    file.add([edited()])

    assert file.missing([repeat], limit=50) == ([repeat] if is_open else [])


def test_a_yes_to_again_is_for_one_command(file: Confirmations) -> None:
    """It is forgotten when the command is complete; edits are forgotten when no day is outdated."""
    again = edited(reason=RepeatReason.AGAIN, version="")
    file.add([again], command="videos/climate 2026-10-01")
    file.add([edited()])

    assert file.missing([again], limit=50, command="videos/climate 2026-10-01") == []
    assert file.missing([again], limit=50, command="videos/climate 2026-10-02") == [again]
    file.forget_command("videos/climate 2026-10-01")
    assert file.missing([again, edited()], limit=50, command="videos/climate 2026-10-01") == [again]
    file.forget_edits_except([])
    assert file.missing([edited()], limit=50) == [edited()]


def test_two_processes_lose_no_yes(file: Confirmations) -> None:
    """A change waits for the process that is changing the file, and then begins with what that one wrote."""
    other = edited(asset="videos/football")
    lock = file.file.with_name(f"{file.file.name}.lock")
    with ThreadPoolExecutor() as threads:
        with lease(lock):
            waiting = threads.submit(file.add, [edited()])
            with suppress(FutureTimeout):
                waiting.result(timeout=0.2)
            was_waiting = not waiting.done()
            elsewhere = Confirmations(file.file.with_name("elsewhere.json"))
            elsewhere.add([other])
            elsewhere.file.replace(file.file)
        waiting.result()

    assert was_waiting
    assert file.missing([edited(), other], limit=0) == []


@pytest.mark.parametrize("content", [b"", b"[]", b'{"edited videos/climate abc": 9}', b"\xff", b"null"])
def test_a_damaged_file_is_no_yes(file: Confirmations, content: bytes) -> None:
    """Somebody is asked again."""
    file.file.write_bytes(content)

    assert file.missing([edited()], limit=50) == [edited()]


def test_a_price_names_what_why_and_how_much() -> None:
    """The sentence is the same in `tt check`, `tt collect`, `tt status` and Dagster."""
    repeat = edited(requests=2, further_pages=7, of_new_videos={"comments": 100, "users": 23}, most_videos=1_200)
    cost = "costs about 2 requests for the search"

    assert f"{repeat}" == (
        "climate: 4 days (2026-10-01..2026-10-04) were collected with an older query, and are kept. How many videos "
        "the new query finds is not known; `tt try climate` tells for one request. Requesting these days with the new "
        f"query {cost} if it finds as many videos as before, and up to 132 with comments and creators if it finds "
        "1,200 videos."
    )
    assert "not known" not in f"{edited(requests=2, most_videos=9, is_measured=True)}"
    assert f"{edited(requests=2, of_new_videos={'users': 3})}".endswith(
        f"{cost}; it finds only videos that the older query found, and up to 3 for missing creators of these."
    )
    assert f"{edited(reason=RepeatReason.AGAIN, number=1, requests=1)}" == (
        "climate: requesting 1 day (2026-10-01) again costs about 1 request, as the last time."
    )
    assert waiting_sentence([], limit=50) == ""
    assert waiting_sentence([repeat], limit=50).endswith(
        "That is more than quota.confirm_above (50): these days wait for `tt collect --yes`."
    )
