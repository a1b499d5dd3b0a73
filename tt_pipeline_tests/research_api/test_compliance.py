"""Batch compliance returns which stored ids may still be kept."""

import httpx
import pytest

from tt_pipeline.codebook.limits import MOST_IDS_PER_TASK
from tt_pipeline.errors import UnexpectedResponse, UsageError
from tt_pipeline.research_api import Category, TaskStatus
from tt_pipeline_tests.research_api.server import Script, WatchedGate, client, document


def test_ids_are_uploaded_as_a_file_one_a_line() -> None:
    """The form has the category and the file; the task number is returned as text."""
    gate, script = WatchedGate(), Script([document("validation_task_create")])
    task_id = client(script, gate=gate).create_validation_task([7703574340619688476, 8], Category.VIDEO)
    (request,) = script.requests
    assert task_id == "7704565739335305330"
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="category"\r\n\r\nvideo\r\n' in request.content
    assert b'name="file_data"; filename="ids.txt"' in request.content
    assert b"\r\n\r\n7703574340619688476\n8\n\r\n" in request.content
    assert gate.codes == ["ok"]


def test_a_task_number_keeps_all_its_digits() -> None:
    """TikTok's sample number has more than 64 bits and is sent unchanged."""
    script = Script([document("validation_task_create_beyond_64_bits"), document("validation_task_status")])
    api = client(script)
    assert api.validation_status(api.create_validation_task([8], Category.COMMENT)) == TaskStatus.COMPLETED
    assert script.requests[1].content == b'{"task_id":77045657393353053301234}'


def test_the_valid_ids_come_back() -> None:
    """Ids that are not returned have to be deleted."""
    script = Script([document("validation_task_download")])
    assert {7703574340619688476, 7703330188537300635} == client(script).download_valid_ids("7704565739335305330")


@pytest.mark.parametrize("data", [{}, {"task_status": None}, {"task_status": "Sleeping"}])
def test_an_unknown_state_is_reported(data: dict[str, str | None]) -> None:
    """A fourth state raises an error."""
    answer = httpx.Response(200, json={"data": data, "error": {"code": "ok"}})
    with pytest.raises(UnexpectedResponse):
        client(Script([answer])).validation_status("7")


@pytest.mark.parametrize("count", [0, MOST_IDS_PER_TASK + 1])
def test_a_task_takes_ten_thousand_ids(count: int) -> None:
    """No ids or too many raise an error before a request is sent."""
    with pytest.raises(UsageError):
        client(Script([])).create_validation_task(range(count), Category.VIDEO)
