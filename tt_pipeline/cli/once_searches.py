"""A one-off search as a command carries it out: its sentence, its price, its rows, and what follows."""

from typing import Final

from tt_pipeline.cli.once_collection import OnceCollection
from tt_pipeline.codebook.limits import WINDOW_DAYS
from tt_pipeline.counted import counted
from tt_pipeline.errors import UsageError
from tt_pipeline.ingestion import Extent, OneSearch, collect_search, landed_search, pages_of_search
from tt_pipeline.landing import Index
from tt_pipeline.studies import sentence
from tt_pipeline.vocabulary import Dataset

_ALL_MUST_MATCH: Final = (
    " All words must match. Groups of conditions cannot be nested, so each word is one keyword condition; descriptions "
    "contain their hashtags."
)


def search_once(search: OneSearch, extent: Extent, words: str | None) -> OnceCollection:
    """The search.

    Args:
        search: Its query, its days, and where it begins.
        extent: How many pages are requested.
        words: The words that the query is made of; None if its JSON was written.

    Raises:
        UsageError: It continues an earlier one over more days than one request covers.
    """
    if search.begins and len(search.window.days) > WINDOW_DAYS:
        raise UsageError(
            f"{search.window} has more than {WINDOW_DAYS} days, but a search_id belongs to one window of at most so "
            "many: name the days of the earlier search with --from and --to."
        )
    return OnceCollection(
        dataset=Dataset.VIDEOS,
        sentence=_sentence(search, words),
        query=search.query,
        continues=extent.goes_on,
        price=lambda index: pages_of_search(search, extent, index) if index else extent.max_pages,
        collect=lambda session: collect_search(session, search, extent),
        records=lambda index: landed_search(search, index).records(),
        state=lambda index: _state(search, index),
    )


def _sentence(search: OneSearch, words: str | None) -> str:
    phrase = sentence(search.query)
    are_several = words is not None and len(search.query.all_of) > 1
    return f"{phrase[0].upper()}{phrase[1:]}, {search.window}.{_ALL_MUST_MATCH if are_several else ''}"


def _state(search: OneSearch, index: Index) -> list[str]:
    landed = landed_search(search, index)
    if landed.is_complete:
        return ["The search is complete: no page follows."]
    pages = f"More follow after {counted(landed.pages, 'page')}: --continue requests the next."
    if not (place := landed.position):
        return [pages]
    return [pages, f"search_id {place.search_id}, cursor {place.cursor}, for --search-id and --cursor or `api.search`."]
