"""How many videos a day somebody says that searches find: what stands after `--videos-per-day`."""

import math
from collections.abc import Sequence

from tt_pipeline.errors import UsageError
from tt_pipeline.planning.assumptions import lists_ids
from tt_pipeline.studies import Search, Study, find_search


def read_given(written: Sequence[str], study: Study) -> dict[str, float]:
    """Videos a day by the name of a search, from texts like `40` and `climate=9`.

    A plain number is for all searches that are listed; one with a name goes before it, wherever it stands.

    Raises:
        UsageError: It is no number, the study has no such search, or the search has a list of ids.
    """
    listed = [search for search in study.searches if not search.sample and not lists_ids(search.query)]
    everywhere, named = {}, {}
    for text in written:
        name, is_named, number = text.rpartition("=")
        if is_named:
            named[_of_videos(study, name.strip()).name] = _number(number, text)
        else:
            everywhere = dict.fromkeys((search.name for search in listed), _number(number, text))
    return everywhere | named


def _of_videos(study: Study, name: str) -> Search:
    search = find_search(study, name)
    if lists_ids(search.query):
        raise UsageError(f"--videos-per-day: {name} has a list of ids, which says how many videos there are.")
    return search


def _number(written: str, text: str) -> float:
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise UsageError(f"--videos-per-day {text}: say a number, or NAME=NUMBER for one search.")
    return number
