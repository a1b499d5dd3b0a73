"""The choice of rows in an address."""

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.browse.view import Condition, Filter, View, read_view

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_FILTERS = st.builds(Filter, _TEXTS.filter(bool), st.sampled_from(Condition), _TEXTS)


@given(
    st.builds(
        View,
        search=_TEXTS.map(str.strip),
        filters=st.lists(_FILTERS, max_size=3, unique=True).map(tuple),
        sort=st.just("view_count"),
        is_descending=st.booleans(),
        page=st.integers(1, 1_000_000),
    )
)
def test_an_address_means_the_choice_that_wrote_it(view: View) -> None:
    """Search, filters, sort and page are the same after a reload, whatever characters they have."""
    assert read_view(parse_qsl(view.query(), keep_blank_values=True)) == view


def test_what_makes_no_sense_is_left_out() -> None:
    """An unknown condition, a filter without a column and a page that is no number count as not written."""
    pairs = [
        *(("column", "a"), ("condition", "like"), ("value", "x")),
        *(("column", ""), ("condition", "is"), ("value", "x")),
        *(("page", "-3"), ("order", "down")),
    ]
    assert read_view(pairs) == View(is_descending=True)
    assert [read_view([("page", text)]).page for text in ("0", "²", "9" * 30, "2")] == [1, 1, 1, 2]


def test_a_second_click_on_a_column_sorts_downwards() -> None:
    """The first click sorts upwards; each begins at the first page."""
    once = View(page=3).sorted_by("a")
    assert once == View(sort="a")
    assert once.sorted_by("a") == View(sort="a", is_descending=True)
    assert once.sorted_by("a").sorted_by("b") == View(sort="b")
