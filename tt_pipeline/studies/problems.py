"""Turn pydantic's errors into messages that use the words of the study file."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from tt_pipeline.studies.account_forms import AccountsForm, TopCreatorsForm
from tt_pipeline.studies.document import Document, KeyPath, Problem
from tt_pipeline.studies.field_types import EARLIER_NAMES, Form, NotLegal
from tt_pipeline.studies.forms import (
    HIDDEN,
    AlertsForm,
    CommentSampleForm,
    CommentsForm,
    PrivacyForm,
    QuotaForm,
    StudyForm,
    UsersForm,
)
from tt_pipeline.studies.hints import nearest
from tt_pipeline.studies.search_forms import ConditionForm, ConditionsForm, QueryForm, SampleForm, SearchForm
from tt_pipeline.studies.wording import LIST_KEYS

_EXAMPLES: Final = {
    "study": "`study: Climate talk in Germany`",
    "start": "`start: 2026-10-01`",
    "searches": "`searches: {climate: {hashtags: [climate]}}`",
    "field_name": '`"field_name": "hashtag_name"`',
    "operation": '`"operation": "IN"`',
    "field_values": '`"field_values": ["climate"]`',
    "random": "`random: 100`",
    "per_stratum": "`per_stratum: 20`",
    "search": "`search: climate`",
    "lists": "`lists: [followers, pinned]`",
}


_API_NAMES: Final = {str(field): key for key, field in LIST_KEYS.items()} | {"video_id": "video_ids"}


def problems_of(found: ValidationError, document: Document) -> list[Problem]:
    """One problem for each of pydantic's errors, at its path in the file."""
    return [_problem(error, document) for error in found.errors(include_url=False)]


def _problem(error: Mapping[str, Any], document: Document) -> Problem:
    cause = error.get("ctx", {}).get("error")
    below = cause.below if isinstance(cause, NotLegal) else ()
    path = tuple(key for key in error["loc"] if not str(key).startswith(HIDDEN) and key != "[key]") + below
    # A single value may replace a list of one: pydantic numbers it, the file does not.
    while path and isinstance(path[-1], int) and path not in document.places:
        path = path[:-1]
    return Problem(path=path, text=_TEXTS.get(error["type"], _own_message)(error, path))


def _own_message(error: Mapping[str, Any], _: KeyPath) -> str:
    return str(error["msg"]).removeprefix("Value error, ")


def _missing(_: Mapping[str, Any], path: KeyPath) -> str:
    return f"is missing; write for example {_EXAMPLES[str(path[-1])]}."


def _unknown(_: Mapping[str, Any], path: KeyPath) -> str:
    names = [field.alias or name for name, field in form_at(path[:-1]).model_fields.items()]
    return f"is not a key here; {nearest(str(path[-1]), names, synonyms={**_API_NAMES, **EARLIER_NAMES})}"


def _no_number(error: Mapping[str, Any], _: KeyPath) -> str:
    return f"{_shown(error)} a whole number; write digits only, for example 1000."


def _no_decimal(error: Mapping[str, Any], _: KeyPath) -> str:
    return f"{_shown(error)} a number; write for example 2.5."


def _no_switch(error: Mapping[str, Any], _: KeyPath) -> str:
    return f"{_shown(error)} true or false."


def _too_small(error: Mapping[str, Any], _: KeyPath) -> str:
    return f"{error['input']} is too small; use {error['ctx']['ge']:,} or more."


def _too_large(error: Mapping[str, Any], _: KeyPath) -> str:
    return f"{error['input']} is too large; use {error['ctx']['le']:,} or less."


def _no_text(error: Mapping[str, Any], path: KeyPath) -> str:
    if error["input"] is None:
        return "is empty; text that starts with # or @ needs quotes."
    takes_list = len(path) > 1 and path[-1] != "search"
    return "is not text; write one text, a list of texts or {file: names.txt}." if takes_list else "is not text."


def _no_keys(error: Mapping[str, Any], _: KeyPath) -> str:
    return f"{_shown(error)} a group of keys; write them on lines of their own below it, indented."


def _no_list(error: Mapping[str, Any], _: KeyPath) -> str:
    return f"{_shown(error)} a list; write it in square brackets."


def _blank(_: Mapping[str, Any], __: KeyPath) -> str:
    return "is empty; write some text."


def _empty(_: Mapping[str, Any], __: KeyPath) -> str:
    return "is empty; write at least one."


def _shown(error: Mapping[str, Any]) -> str:
    written = error["input"]
    if written is None:
        return "is empty and must be"
    return f"{written!r} is not" if isinstance(written, str) else "is not"


_TEXTS: Final[dict[str, Callable[[Mapping[str, Any], KeyPath], str]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "int_parsing": _no_number,
    "int_parsing_size": _no_number,
    "int_type": _no_number,
    "float_parsing": _no_decimal,
    "float_type": _no_decimal,
    "finite_number": _no_decimal,
    "bool_parsing": _no_switch,
    "bool_type": _no_switch,
    "greater_than_equal": _too_small,
    "less_than_equal": _too_large,
    "string_type": _no_text,
    "string_too_short": _blank,
    "too_short": _empty,
    "model_type": _no_keys,
    "dict_type": _no_keys,
    "tuple_type": _no_list,
}


_PARTS: Final[dict[KeyPath, type[Form]]] = {
    (): StudyForm,
    ("comments",): CommentsForm,
    ("comments", "sample"): CommentSampleForm,
    ("users",): UsersForm,
    ("quota",): QuotaForm,
    ("accounts",): AccountsForm,
    ("accounts", "top_creators"): TopCreatorsForm,
    ("alerts",): AlertsForm,
    ("privacy",): PrivacyForm,
}
_SEARCH_PARTS: Final[dict[KeyPath, type[Form]]] = {
    (): SearchForm,
    ("exclude",): ConditionsForm,
    ("query",): QueryForm,
    ("sample",): SampleForm,
}


def form_at(path: KeyPath) -> type[Form]:
    """The form of the keys below a path of the file."""
    match path:
        case ("searches", _, "query", _, _):
            return ConditionForm
        case ("searches", _, *below):
            return _SEARCH_PARTS[tuple(below)]
        case _:
            return _PARTS[path]
