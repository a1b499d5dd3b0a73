"""Whether an edit of a query only leaves videos out, as far as the conditions prove it."""

import pytest

from tt_pipeline.planning.earlier_queries import is_narrower
from tt_pipeline.query import Query, query

WORDS = query().and_(hashtag_name=["climate", "klima"])


@pytest.mark.parametrize(
    ("edited", "is_so"),
    [
        (WORDS, True),
        (query().and_(hashtag_name="klima"), True),
        (WORDS.and_(view_count__gte=500), True),
        (WORDS.and_(region_code="DE"), True),
        (WORDS.not_(video_length="SHORT"), True),
        (WORDS.or_(keyword="rain"), True),
        (query().and_(hashtag_name=["climate", "klima", "rain"]), False),
        (query().and_(keyword=["climate", "klima"]), False),
        (query().or_(hashtag_name=["climate", "klima"]), False),
    ],
)
def test_a_query_is_narrower_if_it_keeps_every_condition(edited: Query, is_so: bool) -> None:  # noqa: FBT001 — a case
    """Further conditions and fewer values leave videos out; another value or field may find others."""
    assert is_narrower(edited, WORDS) is is_so


@pytest.mark.parametrize(
    ("edited", "earlier", "is_so"),
    [
        ({"view_count__gte": 500}, {"view_count__gte": 100}, True),
        ({"view_count__gt": 99}, {"view_count__gte": 100}, True),
        ({"view_count__gte": 100}, {"view_count__gte": 500}, False),
        ({"view_count__lt": 100}, {"view_count__lte": 100}, True),
        ({"view_count": 100}, {"view_count__gte": 100}, True),
        ({"view_count__lt": 100}, {"view_count__gte": 10}, False),
    ],
)
def test_ranges_of_numbers_are_compared(edited: dict[str, int], earlier: dict[str, int], is_so: bool) -> None:  # noqa: FBT001 — a case
    """A range is narrower if it lies within the other."""
    assert is_narrower(WORDS.and_(**edited), WORDS.and_(**earlier)) is is_so


def test_alternatives_and_exclusions_are_compared_too() -> None:
    """Fewer alternatives and further exclusions leave videos out; an exclusion that is taken back finds more."""
    either, excluding = WORDS.or_(keyword="a").or_(keyword="b"), WORDS.not_(keyword=["a", "b"])

    assert is_narrower(WORDS.or_(keyword="a"), either)
    assert is_narrower(WORDS.and_(keyword="b"), either)
    assert not is_narrower(WORDS, either)
    assert is_narrower(WORDS.not_(keyword=["a", "b", "c"]), excluding)
    assert not is_narrower(WORDS.not_(keyword="a"), excluding)
