"""One odd record must neither stop a collection nor make the data dir unusable."""

import json
from typing import Any

import pytest
from starlette.responses import Response

from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.contract.builders import A_DAY, A_VIDEO
from tt_pipeline_tests.contract.lab import FIRST_DAY, Lab

GOOD = {"id": A_VIDEO, "create_time": (A_VIDEO >> 32) + 20, "username": "lena", "comment_count": 3}
ODD = [
    {"comment_count": "abc"},
    {"comment_count": []},
    {"comment_count": 10**23},
    {"create_time": "abc"},
    {"create_time": float("inf")},
    {"create_time": 99_999_999_999_999},
    {"id": "abc"},
    {"id": [1]},
    {"id": None},
    {"id": 770_357_434_061_968_847_600},
    {"username": "half \ud83d"},
]


NAMED = {json.dumps(odd): odd for odd in ODD}


@pytest.mark.parametrize("odd", cases(NAMED, '{"comment_count": "abc"}', '{"id": null}'))
def test_one_odd_record_affects_no_other_record(lab: Lab, odd: dict[str, Any]) -> None:
    """Its page lands, the good video on it counts, and the next day is collected as usual."""
    beside = GOOD | {"id": A_VIDEO - 1}
    data = {"videos": [GOOD | odd, beside], "cursor": 2, "has_more": False}
    body = json.dumps({"data": data, "error": {"code": "ok", "message": "", "log_id": "L"}}).replace(
        "Infinity", "1e400"
    )
    lab.play(lambda exchange: None if exchange.is_token else Response(body, media_type="application/json"))
    assert lab.statuses(A_DAY, A_DAY) == ["complete"]

    lab.shared_server.script = None
    assert lab.statuses(FIRST_DAY, FIRST_DAY) == ["complete"]
    assert beside["id"] in {row["video_id"] for row in lab.warehouse("select video_id from core.videos")}
