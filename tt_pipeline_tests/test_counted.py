from tt_pipeline.counted import counted


def test_only_one_thing_has_no_plural() -> None:
    """None and many have an s, and thousands have a comma."""
    assert [counted(number, "row") for number in (0, 1, 2, 7_065)] == ["0 rows", "1 row", "2 rows", "7,065 rows"]
