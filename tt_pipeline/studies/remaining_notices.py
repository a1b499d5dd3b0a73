"""The notices of a study with problems: those about its legal parts, so that people see both at once."""

from collections.abc import Iterable, Sequence
from copy import deepcopy

from pydantic import ValidationError

from tt_pipeline.studies.build_study import build_study
from tt_pipeline.studies.document import Document, KeyPath, Problem
from tt_pipeline.studies.forms import StudyForm
from tt_pipeline.studies.notices import notices_of

_SEARCHES = "searches"
_KEY_OF_SEARCH, _WHOLE_SEARCH = 3, 2


def remaining_notices(document: Document, problems: Sequence[Problem]) -> list[str]:
    """The notices of the study without its illegal keys, or without the searches that have them.

    A notice about a whole search with a problem, or about the study if the problem is not in a search, is left out:
    without the illegal key it would be about another study.
    """
    paths = [problem.path for problem in problems]
    partial = {f"{path[1]}" for path in paths if path[:1] == (_SEARCHES,) and path[1:]}
    is_in_searches = all(path[:1] == (_SEARCHES,) for path in paths)
    for length in (_KEY_OF_SEARCH, _WHOLE_SEARCH):
        try:
            form = StudyForm.model_validate(_without(document.content, (_part(path, length) for path in paths)))
        except ValidationError:
            continue
        notices = notices_of(form, build_study(form, document.file))
        about = "" if is_in_searches else f"{_SEARCHES}."
        return [notice for notice in notices if notice.startswith(about) and not _is_about(partial, notice)]
    return []


def _is_about(searches: Iterable[str], notice: str) -> bool:
    """Whether a notice is about the whole query of one of these searches, or compares another with it."""
    whole = (f"{_SEARCHES}.{name}" for name in searches)
    return any(notice.startswith(f"{search}:") or f" {search};" in notice for search in whole)


def _part(path: KeyPath, length: int) -> KeyPath:
    return path[:length] if path[:1] == (_SEARCHES,) else path[:1]


def _without(content: object, parts: Iterable[KeyPath]) -> object:
    rest = deepcopy(content)
    for part in parts:
        parent = rest
        for key in part[:-1]:
            parent = parent.get(key) if isinstance(parent, dict) else None
        if part and isinstance(parent, dict):
            parent.pop(part[-1], None)
    return rest
