"""Every typed field of every record: a value of another type is NULL and counted, and a right value is read."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
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
    """A field of a dataset's records, or of the objects in a list of theirs."""

    dataset: Dataset
    field: Field
    within: Field | None = None

    @property
    def label(self) -> str:
        """Its name in the results of the tests."""
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


def _params(places: Iterable[Place]) -> list[Any]:
    """Listed videos are read as those of searches, so they are left to `make slow`."""
    return [
        pytest.param(place, id=place.label, marks=[pytest.mark.slow] if place.dataset is Dataset.LIKED else [])
        for place in places
    ]


PLACES = list(_places())


def _page(place: Place, value: object, cursor: int) -> Envelope:
    """A page with one record, of which only this field is given."""
    record = {place.field.name: value}
    if place.within:
        record = {place.within.name: [record]}
    endpoint = DATASETS[place.dataset].endpoint
    data = {key: [] for key in endpoint.list_keys} | record if endpoint.is_flat else {endpoint.list_keys[0]: [record]}
    records = 0 if endpoint.is_flat and endpoint.list_keys else 1
    body = json.dumps({"data": data, "error": {"code": "ok", "log_id": "20261105060140ABFE228F219E9CB0EB5310"}})
    return page(dataset=place.dataset, records=records, cursor=cursor, body=body)


def _read(place: Place, values: Sequence[object]) -> tuple[list[object], list[int]]:
    """What is read of each value, and how many values were counted with it."""
    with TemporaryDirectory() as folder:
        envelopes = [_page(place, value, cursor) for cursor, value in enumerate(values)]
        pages = read_pages([land(Path(folder), envelopes)]).sort("cursor")
    assert pages["problem"].drop_nulls().to_list() == []
    return pages.select(_expression(place)).to_series().to_list(), pages["odd_values"].to_list()


def _expression(place: Place) -> pl.Expr:
    endpoint = DATASETS[place.dataset].endpoint
    record = pl.col("body")
    if not endpoint.is_flat:
        record = record.struct.field(endpoint.list_keys[0]).list.first()
    if place.within:
        record = record.struct.field(place.within.name).list.first()
    return record.struct.field(place.field.name)


@pytest.mark.parametrize("place", _params(place for place in PLACES if place.field.type in WRONG))
def test_a_value_of_another_type_is_null_and_counted(place: Place) -> None:
    """Texts, floats, negative and too large numbers, booleans, lists and objects, wherever they do not belong."""
    pairs = WRONG[place.field.type]
    read, counted = _read(place, [sent for sent, _ in pairs])
    assert list(zip(pairs, read, counted, strict=True)) == [(pair, pair[1], 1) for pair in pairs]


@pytest.mark.parametrize("place", _params(PLACES))
def test_a_right_value_is_read_and_not_counted(place: Place) -> None:
    """Numbers from digits too; what is missing or empty is not counted."""
    pairs = RIGHT[place.field.type]
    read, counted = _read(place, [sent for sent, _ in pairs])
    assert list(zip(pairs, read, counted, strict=True)) == [(pair, pair[1], 0) for pair in pairs]


def test_places_are_all_fields_that_are_read() -> None:
    """Nothing is left out but keys, which reject their record, and lists of ids that are the records themselves."""
    labels = {place.label for place in PLACES}
    assert {"videos.playlist_id", "comments.text", "users.is_verified", "playlists.playlist_id"} <= labels
    assert {"followers.username", "videos.hashtag_info_list.hashtag_id", "liked.like_count"} <= labels
