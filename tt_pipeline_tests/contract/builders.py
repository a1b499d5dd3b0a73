"""How the contract's tests request: short searches, bodies that the client would never send, scripted answers."""

import json
from datetime import date
from typing import Any

import httpx

from tt_pipeline.query import Condition, Query
from tt_pipeline.vocabulary import ConditionField, Operation
from tt_pipeline_tests.contract.lab import FIRST_DAY, LAST_DAY, Lab, small_world
from tt_pipeline_tests.contract.shared_server import good

WORLD = small_world()
PUBLIC = [creator for creator in WORLD.people.creators if creator.standing == "public"]
ONE_DAY = (FIRST_DAY, FIRST_DAY)
A_VIDEO = 7_703_574_340_619_688_476
A_DAY = date(2026, 11, 1)
"""When A_VIDEO was posted."""


def where(field: ConditionField, *values: str, operation: Operation = Operation.IN) -> Query:
    """A query of one condition."""
    return Query(all_of=(Condition(field=field, operation=operation, values=values),))


def videos(lab: Lab, query: Query, first_day: date = FIRST_DAY, last_day: date = LAST_DAY) -> list[dict[str, Any]]:
    """All records of a search."""
    pages = lab.client().video_pages(query, first_day, last_day)
    return [record for page in pages for record in page.records]


def raw(lab: Lab, body: object, *, path: str = "video/query", fields: str = "id") -> httpx.Response:
    """The simulator's answer to a request that the client would never send."""
    key = {"client_key": "sim-key", "client_secret": "sim-secret", "grant_type": "client_credentials"}
    with httpx.Client(base_url=lab.base_url) as http:
        token = http.post("/v2/oauth/token/", data=key).json()["access_token"]
        return http.post(
            f"/v2/research/{path}/",
            params={"fields": fields},
            headers={"Authorization": f"Bearer {token}"},
            content=body if isinstance(body, bytes) else json.dumps(body),
        )


def asking(field_name: str, *values: str, operation: str = "IN", **further: Any) -> dict[str, Any]:
    """The body of a search as somebody might write it by hand."""
    condition = {"field_name": field_name, "operation": operation, "field_values": list(values)}
    return {"query": {"and": [condition]}, "start_date": "20261110", "end_date": "20261112"} | further


def scripted(lab: Lab, **data: Any) -> None:
    """Answer every request with this."""
    lab.play(lambda exchange: None if exchange.is_token else good(**data))


def land_one(lab: Lab, **video: Any) -> None:
    """Land a page with a single video."""
    usual = {"id": A_VIDEO, "create_time": (A_VIDEO >> 32) + 20, "username": "lena"}
    scripted(lab, videos=[usual | video], cursor=1, has_more=False)
    assert lab.statuses(A_DAY, A_DAY) == ["complete"]


def ids_of_records(records: list[dict[str, Any]]) -> list[int]:
    """The ids of the records."""
    return [record["id"] for record in records]
