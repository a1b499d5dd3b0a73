"""Laws of the fingerprint of a query."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tt_pipeline.query import Condition, Query
from tt_pipeline.vocabulary import ConditionField, Operation
from tt_pipeline_tests.studies.writing import condition

CONDITIONS = st.builds(
    Condition,
    field=st.sampled_from(ConditionField),
    operation=st.sampled_from(Operation),
    values=st.lists(st.text(max_size=4), min_size=1, max_size=4).map(tuple),
)
GROUPS = st.lists(CONDITIONS, max_size=4).map(tuple)
QUERIES = st.builds(Query, all_of=GROUPS, any_of=GROUPS, none_of=GROUPS)


@settings(deadline=None)
@given(QUERIES, st.randoms())
def test_order_and_repetition_change_nothing(query: Query, dice: Random) -> None:
    """Conditions and values in any order, once or twice, have the same fingerprint."""

    def shuffled(group: tuple[Condition, ...]) -> tuple[Condition, ...]:
        twice = [replace(c, values=tuple(dice.sample(c.values * 2, len(c.values) * 2))) for c in group * 2]
        return tuple(dice.sample(twice, len(twice)))

    other = Query(all_of=shuffled(query.all_of), any_of=shuffled(query.any_of), none_of=shuffled(query.none_of))

    assert other.fingerprint() == query.fingerprint()


@settings(deadline=None)
@given(QUERIES, CONDITIONS)
def test_a_further_condition_is_another_query(query: Query, further: Condition) -> None:
    """An added condition changes the fingerprint."""
    known = {(c.field, c.operation, frozenset(c.values)) for c in query.all_of}
    longer = replace(query, all_of=(*query.all_of, further))

    is_new = (further.field, further.operation, frozenset(further.values)) not in known
    assert (longer.fingerprint() != query.fingerprint()) == is_new


@settings(deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=3).map(tuple))
def test_the_group_is_part_of_the_query(group: tuple[Condition, ...]) -> None:
    """The same conditions under and, or, not have three fingerprints."""
    questions = (Query(all_of=group), Query(any_of=group), Query(none_of=group))

    assert len({question.fingerprint() for question in questions}) == 3


def test_capitals_and_draws_are_part_of_the_query() -> None:
    """The API may distinguish capitals, and a random draw is not a listing."""
    lower, upper = (Query(any_of=(condition("hashtag_name", "IN", tag),)) for tag in ("climate", "Climate"))

    assert len({lower.fingerprint(), upper.fingerprint(), lower.fingerprint(is_random=True)}) == 3


def test_a_fingerprint_outlives_releases() -> None:
    """Folders of landed files are named by it, so the value must never change."""
    query = Query(any_of=(condition("hashtag_name", "IN", "climate"),))

    assert query.fingerprint() == "2d287c3cc6ef0ca340a239da937caa4bad1c15cc35f6109140f2bc33668eb3eb"
