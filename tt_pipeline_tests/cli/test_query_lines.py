"""The JSON of a query is compact on the screen, and can be copied."""

import json

import pytest

from tt_pipeline.cli.query_lines import query_lines
from tt_pipeline.query import query

QUERY = (
    query()
    .and_(region_code=["DE", "AT"])
    .or_(hashtag_name=["climate"], keyword=["climate strike", "klima, überall", "co2"])
)


def test_a_condition_is_one_line() -> None:
    """Where the screen is wide enough, nothing else ends a line."""
    assert (
        query_lines(QUERY, 200)
        == """\
{"and": [{"operation": "IN", "field_name": "region_code", "field_values": ["DE", "AT"]}],
 "or": [{"operation": "IN", "field_name": "hashtag_name", "field_values": ["climate"]},
        {"operation": "IN", "field_name": "keyword", "field_values": ["climate strike", "klima, überall", "co2"]}]}"""
    )


@pytest.mark.parametrize("width", [60, 80, 10_000])
def test_every_width_shows_the_same_query(width: int) -> None:
    """A line ends between values only, so what is copied is the JSON that is sent; no line is too wide."""
    lines = query_lines(QUERY, width)

    assert json.loads(lines) == QUERY.body()
    assert max(map(len, lines.splitlines())) <= width
