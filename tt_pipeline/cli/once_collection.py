"""What a one-off command requests, and the options that all of them have."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tt_pipeline.ingestion import CollectionSession, CollectReport
from tt_pipeline.landing import Index
from tt_pipeline.query import Query
from tt_pipeline.vocabulary import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class OnceOptions:
    """The options that all one-off commands have.

    Attributes:
        out: The file for the rows; None shows them.
        requests_per_day: The most requests of a day; None for the study's limit, or the usual one without a study.
        is_confirmed: Whether the price is confirmed by `--yes`.
    """

    out: Path | None = None
    requests_per_day: int | None = None
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OnceCollection:
    """What a command collects once.

    Attributes:
        sentence: What is requested, in English.
        query: The query that is sent; None for requests without one.
        continues: Whether it requests the pages that follow those that have landed; then it shows their rows alone.
        price: The most requests that it needs, from what has landed; None for a folder without landed pages.
        state: Sentences about the result: what follows, and what the API did not show.
    """

    dataset: Dataset
    sentence: str
    query: Query | None = None
    continues: bool = False
    price: Callable[[Index | None], int]
    collect: Callable[[CollectionSession], CollectReport]
    records: Callable[[Index], list[dict[str, Any]]]
    state: Callable[[Index], list[str]]
