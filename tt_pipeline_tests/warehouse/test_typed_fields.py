"""For every typed field of every record, a value of another type is NULL and counted, and a right value is read."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl
import pytest

from tt_pipeline.codebook.datasets import DATASETS, LOADED
from tt_pipeline.codebook.fields import Field, Stored, WireType
from tt_pipeline.landing import Envelope
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.parse import read_pages
from tt_pipeline_tests.warehouse.builders import land, page

NO_SCALARS: list[Any] = [[], [1], {}, {"a": 1}]
NO_NUMBERS = [*NO_SCALARS, "abc", "maybe", "12 s", "1.0", "-1", 1.5, 12.0, -1, 10**19, 2**63, str(2**63), True, False]
NO_LISTS: list[Any] = [{}, {"a": 1}, "abc", 1.5, -1, 10**19, True]
Pairs = list[tuple[Any, Any]]
"""What is sent, and what is read of it."""


def _nulls(values: Sequence[Any]) -> Pairs:
    return [(value, None) for value in values]


def _null_items(values: Sequence[Any]) -> Pairs:
    return [([value], [None]) for value in values]


WRONG: dict[WireType, Pairs] = {
    WireType.INTEGER: _nulls(NO_NUMBERS),
    WireType.ID: _nulls(NO_NUMBERS),
    WireType.SECONDS: _nulls([*NO_NUMBERS, 1_780_790_386_000, "1780790386000"]),
    WireType.BOOLEAN: _nulls([*NO_SCALARS, "abc", "maybe", "yes", "1", 1.5, -1, 7, 10**19]),
    WireType.TEXT: _nulls([*NO_SCALARS, ["a"]]),
    WireType.IDS: [*_nulls(NO_LISTS), *_null_items(NO_NUMBERS), ([7, "x"], [7, None])],
    WireType.TEXTS: [*_nulls(NO_LISTS), *_null_items(NO_SCALARS), (["a", {}], ["a", None])],
    WireType.OBJECTS: [*_nulls(NO_LISTS), *_null_items(["a", 1, [], True])],
}
NUMBERS: Pairs = [(0, 0), (7, 7), ("31", 31), (None, None), ("", None)]
LARGEST = 2**63 - 1
RIGHT: dict[WireType, Pairs] = {
    WireType.INTEGER: [*NUMBERS, (LARGEST, LARGEST), (str(LARGEST), LARGEST)],
    WireType.ID: [*NUMBERS, (LARGEST, LARGEST)],
    WireType.SECONDS: [*NUMBERS, (1_780_790_386, 1_780_790_386)],
    WireType.BOOLEAN: [(True, True), (False, False), ("true", True), ("false", False), (None, None)],
    WireType.TEXT: [("bees", "bees"), ("", ""), ("[1] {x", "[1] {x"), (None, None), ('a "quote": [', 'a "quote": [')],
    WireType.JSON: [({"a": [1.5, "x"]}, '{"a":[1.5,"x"]}'), (None, None)],
    WireType.IDS: [([], []), (["7", 8], [7, 8]), (None, None)],
    WireType.TEXTS: [([], []), (["a", "[b"], ["a", "[b"]), (None, None)],
    WireType.OBJECTS: [([], []), (None, None)],
}


class Place(NamedTuple):
    """A field of a dataset's records, or of the objects in one of their lists."""

    dataset: Dataset
    field: Field
    within: Field | None = None

    @property
    def label(self) -> str:
        """The name of the value in the test results."""
        return ".".join((self.dataset, *([self.within.name] if self.within else []), self.field.name))


def _places() -> Iterator[Place]:
    seen = set()
    for dataset, endpoint in ((row.dataset, row.endpoint) for row in LOADED):
        if endpoint.record in seen:
            continue
        seen.add(endpoint.record)
        for field in endpoint.record:
            if field.stored not in {Stored.NOWHERE, Stored.KEY} and field.name not in endpoint.list_keys:
                yield Place(dataset, field)
                yield from (Place(dataset, item, field) for item in field.items)


class Value(NamedTuple):
    """A value that is sent in a field."""

    place: Place
    sent: object
    odd_values: int
    """How many values are counted with it."""


PLACES = list(_places())
VALUES = [
    Value(place, sent, odd_values)
    for place in PLACES
    for odd_values, pairs in ((1, WRONG.get(place.field.type, [])), (0, RIGHT[place.field.type]))
    for sent, _ in pairs
]


def _label(place: Place) -> str:
    return place.label


def _page(place: Place, value: object, cursor: int) -> Envelope:
    """A page with one record, in which only this field is set."""
    record = {place.field.name: value}
    if place.within:
        record = {place.within.name: [record]}
    endpoint = DATASETS[place.dataset].endpoint
    data = {key: [] for key in endpoint.list_keys} | record if endpoint.is_flat else {endpoint.list_keys[0]: [record]}
    records = 0 if endpoint.is_flat and endpoint.list_keys else 1
    body = json.dumps({"data": data, "error": {"code": "ok", "log_id": "20261105060140ABFE228F219E9CB0EB5310"}})
    return page(dataset=place.dataset, records=records, cursor=cursor, body=body)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """A page for each value of VALUES, in its order; one load for all saves 0.1 s for each field."""
    envelopes = [_page(value.place, value.sent, cursor) for cursor, value in enumerate(VALUES)]
    folder = tmp_path_factory.mktemp("typed")
    return read_pages([land(folder, envelopes)], folder).sort("cursor")


def _readings(pages: pl.DataFrame, place: Place, *, odd_values: int) -> list[tuple[object, object, int]]:
    """For each value: what was sent, what was read, and how many values were counted as odd."""
    indexes = [index for index, value in enumerate(VALUES) if (value.place, value.odd_values) == (place, odd_values)]
    of_place = pages[indexes]
    assert of_place["problem"].drop_nulls().to_list() == []
    read = of_place.select(_expression(place)).to_series().to_list()
    return list(zip([VALUES[index].sent for index in indexes], read, of_place["odd_values"], strict=True))


def _expression(place: Place) -> pl.Expr:
    endpoint = DATASETS[place.dataset].endpoint
    record = pl.col("body")
    if not endpoint.is_flat:
        record = record.struct.field(endpoint.list_keys[0]).list.first()
    if place.within:
        record = record.struct.field(place.within.name).list.first()
    return record.struct.field(place.field.name)


@pytest.mark.parametrize("place", [place for place in PLACES if place.field.type in WRONG], ids=_label)
def test_a_value_of_another_type_is_null_and_counted(pages: pl.DataFrame, place: Place) -> None:
    """Texts, floats, negative and too large numbers, booleans, lists and objects are NULL in fields of another type."""
    assert _readings(pages, place, odd_values=1) == [(sent, read, 1) for sent, read in WRONG[place.field.type]]


@pytest.mark.parametrize("place", PLACES, ids=_label)
def test_a_right_value_is_read_and_not_counted(pages: pl.DataFrame, place: Place) -> None:
    """Numbers in digits are read too; missing and empty values are not counted."""
    assert _readings(pages, place, odd_values=0) == [(sent, read, 0) for sent, read in RIGHT[place.field.type]]


def test_places_are_all_fields_that_are_read() -> None:
    """Every field that is read is tested, except keys and lists of ids, which reject their record."""
    labels = {place.label for place in PLACES}
    assert {"videos.playlist_id", "comments.text", "users.is_verified", "playlists.playlist_id"} <= labels
    assert {"followers.username", "videos.hashtag_info_list.hashtag_id", "liked.like_count"} <= labels
