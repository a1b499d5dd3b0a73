"""Find a search of a study by its name."""

from difflib import get_close_matches

from tt_pipeline.errors import UsageError
from tt_pipeline.studies.study import Search, Study


def find_search(study: Study, name: str) -> Search:
    """The study's search of that name.

    Raises:
        UsageError: There is none; the message names the nearest.
    """
    for search in study.searches:
        if search.name == name:
            return search
    names = [search.name for search in study.searches]
    nearest = get_close_matches(name, names, n=1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    raise UsageError(f"{study.file} has no search {name!r}; it has {', '.join(names)}.{hint}")
