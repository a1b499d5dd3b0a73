"""Compares the contents of two warehouses."""

import polars as pl
from polars.testing import assert_frame_equal


def assert_same(expected: dict[str, pl.DataFrame], actual: dict[str, pl.DataFrame]) -> None:
    """Fail unless every table has the same rows in both warehouses."""
    assert expected.keys() == actual.keys()
    for name, frame in expected.items():
        assert_frame_equal(frame, actual[name])
