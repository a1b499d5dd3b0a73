"""Records become frames with exact ids, whatever a server sends."""

from datetime import UTC, datetime

import polars as pl

from tt_pipeline.codebook.fields import LISTED_ACCOUNT, VIDEO
from tt_pipeline.record_frames import record_frame

ID = 7302470379501604128


def test_ids_are_exact_and_times_are_instants() -> None:
    """Numbers and digits in quotes are the same id, also in lists and objects."""
    records = [
        {"id": ID, "create_time": 1700243424, "effect_ids": ["1", 2], "hashtag_info_list": [{"hashtag_id": f"{ID}"}]},
        {"id": f"{ID + 1}", "view_count": 3},
    ]
    frame = record_frame(records, VIDEO)

    assert frame["id"].to_list() == [ID, ID + 1]
    assert frame["create_time"].to_list() == [datetime(2023, 11, 17, 17, 50, 24, tzinfo=UTC), None]
    assert frame["effect_ids"].to_list() == [[1, 2], None]
    assert frame["hashtag_info_list"].to_list()[0][0]["hashtag_id"] == ID
    assert frame["view_count"].to_list() == [None, 3]


def test_a_value_of_another_type_is_missing() -> None:
    """A float is no id, a text no list, and a time of the year 5000 no time."""
    frame = record_frame([{"id": 7.3e18, "hashtag_names": "x", "create_time": 10**11, "view_count": True}], VIDEO)

    assert frame.select("id", "hashtag_names", "create_time", "view_count").row(0) == (None, None, None, None)


def test_no_records_have_columns_too() -> None:
    """So a notebook can go on with an empty answer; the account of a list comes first."""
    frame = record_frame([], LISTED_ACCOUNT, before=("account",))

    assert dict(frame.schema) == {"account": pl.String(), "username": pl.String(), "display_name": pl.String()}
