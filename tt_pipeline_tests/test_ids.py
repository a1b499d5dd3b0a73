"""One rule reads whole numbers and ids everywhere."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tt_pipeline.ids import GREATEST, id_number, upload_date, upload_second, uploaded_at, video_id_of, whole_number

A_VIDEO = 7569347593219475001


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0, 0),
        (-3, -3),
        ("-3", -3),
        (A_VIDEO, A_VIDEO),
        (str(A_VIDEO), A_VIDEO),
        (GREATEST, GREATEST),
        ("0" * 25, 0),
        *((odd, None) for odd in (GREATEST + 1, str(GREATEST + 1), 2**64, "9" * 41, "9" * 10_000)),
        *((odd, None) for odd in (None, "", "abc", " 7", "7 ", "+7", "1.0", "١٢", "1_000", "0x7", "--7", "7\n")),
        *((odd, None) for odd in (1.0, 1.5, True, False, [7], {"id": 7})),
    ],
)
def test_a_whole_number_has_64_bits_and_nothing_but_digits(value: Any, number: int | None) -> None:
    """Floats have lost digits, and booleans are not numbers."""
    assert whole_number(value) == number


@pytest.mark.parametrize(("value", "number"), [(7, 7), ("7", 7), (0, None), ("0", None), (-1, None), ("-1", None)])
def test_an_id_is_above_zero(value: Any, number: int | None) -> None:
    """In answers of servers 0 means that there is no id."""
    assert id_number(value) == number


@pytest.mark.parametrize(
    ("record", "video_id"),
    [
        ({"id": A_VIDEO}, A_VIDEO),
        ({"video_id": str(A_VIDEO)}, A_VIDEO),
        ({"id": 0, "video_id": A_VIDEO}, A_VIDEO),
        ({"id": -5, "video_id": A_VIDEO}, A_VIDEO),
        ({"id": 1.5}, None),
        ({}, None),
        (None, None),
        ([A_VIDEO], None),
    ],
)
def test_a_video_has_its_id_under_one_of_two_names(record: Any, video_id: int | None) -> None:
    """The first of them that is an id counts."""
    assert video_id_of(record) == video_id


def test_an_id_contains_the_second_of_the_upload() -> None:
    """Its high 32 bits are the Unix second."""
    second = 1_762_375_000
    number = (second << 32) + 7
    assert upload_second(number) == second
    assert uploaded_at(number) == datetime.fromtimestamp(second, UTC)
    assert upload_date(number) == date(2025, 11, 5)
