"""The simulator answers every request like an API."""

import json
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.simulator.endpoints import ENDPOINTS
from tt_pipeline.vocabulary import ConditionField, Operation
from tt_pipeline_tests.simulator.builders import OPEN, ApiSession, session

KNOWN = ["query", "start_date", "max_count", "cursor", "search_id", "is_random", "video_id", "comment_id", "username"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
CONDITIONS = st.fixed_dictionaries(
    {
        "field_name": st.sampled_from(list(ConditionField)) | ANYTHING,
        "operation": st.sampled_from(list(Operation)) | ANYTHING,
        "field_values": st.lists(st.text(max_size=4) | st.integers().map(str), max_size=3) | ANYTHING,
    },
)
GROUPS = st.dictionaries(st.sampled_from(["and", "or", "not"]), st.lists(CONDITIONS, max_size=2) | ANYTHING)
WINDOWS = st.fixed_dictionaries(
    {"query": GROUPS | ANYTHING, "start_date": st.just("20261118"), "end_date": st.just("20261119")},
    optional={"max_count": st.integers(0, 101), "cursor": st.integers(), "search_id": st.text("0123456789")},
)
BODIES = ANYTHING | WINDOWS | st.dictionaries(st.sampled_from(KNOWN), ANYTHING)
PATHS = [endpoint.path.removeprefix("/v2/research/") for endpoint in ENDPOINTS]


@cache
def shared() -> ApiSession:
    return session(OPEN.changed({"quota_main": 10**9, "quota_social": 10**9, "playlist_status": 200}))


@given(path=st.sampled_from(PATHS), body=BODIES, fields=st.sampled_from(["id", "display_name", "", "\ud800é,id"]))
def test_no_body_makes_the_server_fail(path: str, body: Any, fields: str) -> None:
    """Any JSON gets a 200 or a 400 with an envelope, and a 5xx only if a fault was scripted."""
    answer = shared().post(path, json.dumps(body).encode(), fields.encode("utf-8", "replace").decode())
    assert answer.status_code in {200, 400}
    assert answer.json()["error"]["code"] in {"ok", "invalid_params", "invalid_file_upload"}


@given(path=st.sampled_from(PATHS), raw=st.binary(max_size=60))
def test_no_bytes_make_the_server_fail(path: str, raw: bytes) -> None:
    """Bytes that are not JSON get a 400."""
    assert shared().post(path, raw, "id").status_code == 400
