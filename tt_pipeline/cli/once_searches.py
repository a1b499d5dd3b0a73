"""A one-off search as a command carries it out: its sentence, its price, its rows, and what follows."""

import json

from tt_pipeline.cli.once_job import Once
from tt_pipeline.codebook.limits import WINDOW_DAYS
from tt_pipeline.counted import counted
from tt_pipeline.errors import UsageError
from tt_pipeline.ingestion import Extent, OneSearch, collect_search, landed_search, pages_of_search
from tt_pipeline.landing import Index
from tt_pipeline.query import Query, with_short_lists
from tt_pipeline.studies import sentence
from tt_pipeline.vocabulary import ConditionField, Dataset


def search_once(search: OneSearch, extent: Extent) -> Once:
    """The search.

    Raises:
        UsageError: It continues an earlier one over more days than one request covers.
    """
    if search.begins and len(search.window.days) > WINDOW_DAYS:
        raise UsageError(
            f"{search.window} has more than {WINDOW_DAYS} days, but a search_id belongs to one window of at most so "
            "many: name the days of the earlier search with --from and --to."
        )
    return Once(
        dataset=Dataset.VIDEOS,
        sentence=_sentence(search),
        sent=json.dumps(with_short_lists(search.query).body(), ensure_ascii=False),
        price=lambda index: pages_of_search(search, extent, index) if index else extent.max_pages,
        collect=lambda session: collect_search(session, search, extent),
        records=lambda index: landed_search(search, index).records(),
        state=lambda index: _state(search, index),
    )


def _sentence(search: OneSearch) -> str:
    said = sentence(search.query)
    return f"{said[0].upper()}{said[1:]}, {search.window}.{_all_must_match(search.query)}"


def _all_must_match(query: Query) -> str:
    """Why several words are keywords only."""
    is_of_words = len(query.all_of) > 1 and all(each.field is ConditionField.KEYWORD for each in query.all_of)
    if not is_of_words or query.any_of:
        return ""
    return (
        " All words must match. Groups of conditions cannot be nested, so each word is one keyword condition; "
        "descriptions contain their hashtags."
    )


def _state(search: OneSearch, index: Index) -> list[str]:
    landed = landed_search(search, index)
    if landed.is_complete:
        return ["The search is complete: no page follows."]
    pages = f"More follow after {counted(landed.pages, 'page')}: --continue requests the next."
    if not (place := landed.position):
        return [pages]
    return [pages, f"search_id {place.search_id}, cursor {place.cursor}, for --search-id and --cursor or `api.search`."]
