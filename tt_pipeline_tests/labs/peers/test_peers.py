"""Four public clients collect the truth from the simulator; only the host is redirected, below their code.

Their authors ran them against TikTok: what they read, and wait for, is what the simulator must send. A part that a
client's own mistake spoils, or that it does not know, is left out and named in the test's docstring.
"""

from dataclasses import replace

import pytest

from tt_pipeline.codebook.fields import USER_FIELDS
from tt_pipeline.simulator import Fault, FaultKind, Simulator
from tt_pipeline_tests.labs.peers.builders import FORTY_DAYS, NOW, THIRTY_DAYS, collected_by, truth, whole_task, world

pytestmark = pytest.mark.peers


@pytest.fixture
def simulator() -> Simulator:
    """The API with its default knobs: hidden slots, an empty page, missing keys, null bytes."""
    return Simulator(world(), now=lambda: NOW)


def test_tiktokresearchapi_collects_the_truth(simulator: Simulator) -> None:
    """TikTok's own wrapper finds every video of two windows, and all comments, profiles and follows."""
    task = whole_task(simulator, FORTY_DAYS)

    assert collected_by("tiktokresearchapi", simulator, task) == truth(simulator, task)


def test_researchtikpy_collects_the_truth(simulator: Simulator) -> None:
    """ResearchTikPy finds every video of a window, and all comments, profiles and follows."""
    task = whole_task(simulator, THIRTY_DAYS)

    assert collected_by("researchtikpy", simulator, task) == truth(simulator, task)


def test_tiktok_research_api_helper_collects_the_truth(simulator: Simulator) -> None:
    """The helper finds every video of a window, all comments and profiles.

    Left out: follows, and the profile's `bio_url`, which it does not know; silent videos whose answer has a null cursor
    (TikTok sends such too), where its `if cursor > MAX_COMMENTS_CURSOR:` is a TypeError.
    """
    task = whole_task(simulator, THIRTY_DAYS)
    task = replace(
        task,
        commented=tuple(id_ for id_ in task.commented if simulator.truth_comments(id_) or id_ % 2 == 0),
        profile_fields=tuple(name for name in USER_FIELDS if name != "bio_url"),
        followed=(),
    )

    assert collected_by("tiktok-research-api-helper", simulator, task) == truth(simulator, task)


def test_tiktok_metadata_kit_collects_the_truth(simulator: Simulator) -> None:
    """The kit finds every video of a window and all profiles; it has no comments and follows."""
    task = replace(whole_task(simulator, THIRTY_DAYS), commented=(), followed=())

    assert collected_by("tiktok-metadata-kit", simulator, task) == truth(simulator, task)


SEARCH_ID, CURSOR = FaultKind.SEARCH_ID_INVALID, FaultKind.CURSOR_INVALID
ERROR_500, HTML_504, BURST_429 = FaultKind.ERROR_500, FaultKind.HTML_504, FaultKind.BURST_429


@pytest.mark.parametrize(
    ("peer", "troubles"),
    [
        ("tiktokresearchapi", [SEARCH_ID, CURSOR, ERROR_500, BURST_429]),  # polls every second
        ("researchtikpy", [SEARCH_ID, ERROR_500]),  # waits 10 s when it knows the message
        ("tiktok-research-api-helper", [SEARCH_ID, FaultKind.TOKEN_INVALID]),  # waits 5 s when it knows the message
        ("tiktok-metadata-kit", [ERROR_500, HTML_504, BURST_429]),  # waits 1 to 2 s
    ],
)
def test_a_client_handles_the_refusals_that_it_knows(
    simulator: Simulator, peer: str, troubles: list[FaultKind]
) -> None:
    """A refusal that a client handles for TikTok is recognised, waited out, and costs no video."""
    task = replace(whole_task(simulator, THIRTY_DAYS), commented=(), usernames=(), followed=())
    faults = [Fault(kind=kind, endpoint="video_query", nth=2 * number) for number, kind in enumerate(troubles, start=1)]
    simulator.change_knobs(faults=faults)

    assert collected_by(peer, simulator, task) == truth(simulator, task)
    assert sum(entry.code != "ok" for entry in simulator.log) == len(troubles)
