r"""Find values that are not of their field's type, count them, and load NULL in their place.

DuckDB reads such a value as NULL, or changes it: 1.5 becomes 2, and 7571234567890475001.0 the id of another record.
Therefore a regular expression, made from the rows of the codebook, searches the text of each page, and Python goes
through the pages that it matches (`without_mismatches`). A match without a mismatch only costs time. The expression
misses only mismatches after the first item of a list of objects. Reading all numbers as text and casting them later was
slower, and overlooked values that are not lists.

A record without a valid key, and a value that is not a record, are not counted here: they are rejected.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tt_pipeline.codebook.endpoints import listed
from tt_pipeline.codebook.fields import Stored, WireType, read_fields
from tt_pipeline.ids import GREATEST, whole_number
from tt_pipeline.warehouse.wire_schema import LISTS, STRUCTURE

_NO_WHOLE_NUMBER = r'(?:[^0-9"n\s]|[0-9]+[.eE]|9[0-9]{18}|[0-9]{20})'
_NO_DIGITS = r'"(?:[0-9]*[^0-9"]|9[0-9]{18}"|[0-9]{20})'
_TEXT = r'"(?:[^"\\]|\\.)*"'
# 12 digits: milliseconds instead of seconds.
_MISMATCHES: Final[Mapping[tuple[WireType, ...], str]] = {
    (WireType.INTEGER, WireType.ID, WireType.SECONDS): f"(?:{_NO_WHOLE_NUMBER}|{_NO_DIGITS})",
    (WireType.SECONDS,): '"?[0-9]{12}',
    (WireType.TEXT,): r"[[{]",
    (WireType.BOOLEAN,): r"[^tfn\s]",
    (WireType.IDS, WireType.TEXTS, WireType.OBJECTS): r"[^[n\s]",
    (WireType.IDS,): r'\[[^]]*(?:[^]0-9",\s]|9[0-9]{18}|[0-9]{20})',
    (WireType.TEXTS,): rf'\[(?:{_TEXT}|[^]"[{{])*[[{{]',
    (WireType.OBJECTS,): r"\[\s*[^]{\s]",
}
"""The beginning of a value that may be of another type, by the type of the field."""


def _searched() -> Iterator[str]:
    fields = [field for field in read_fields() if field.stored is not Stored.KEY]
    for types, mismatch in _MISMATCHES.items():
        names = sorted({field.name for field in fields if field.type in types})
        if names:
            yield rf'"(?:{"|".join(names)})"\s*:\s*{mismatch}'


MAY_MISMATCH: Final = f"regexp_matches(body, '{'|'.join(_searched())}')"
"""SQL: whether a `body` may have values that are not of their field's type."""

_NUL, _NO_NUL, _BROKEN = r"'\u0000'", r"'\\u0000'", "chr(65533)"
BROKEN: Final = (
    f"case when contains(body, {_NUL})"
    f" then len(string_split(body, {_NUL})) - len(string_split(body, {_NO_NUL})) else 0 end"
    f" + case when contains(body, {_BROKEN}) then len(string_split(body, {_BROKEN})) - 1 else 0 end"
)
"""SQL: the number of NULs in a `body`, which are removed, and of U+FFFD, which replace halves of surrogate pairs."""

_RECORD_LISTS: Final = frozenset(name for names in LISTS.values() for name in names)
_REJECTED: Final = frozenset((*_RECORD_LISTS, *(f.name for f in read_fields() if f.stored is Stored.KEY)))
_LAST_SECOND: Final = 253_402_300_799  # 9999-12-31
_AT_MOST: Final = {field.name: _LAST_SECOND for field in read_fields() if field.type is WireType.SECONDS}
_BOOLEANS: Final[Mapping[object, bool]] = {False: False, True: True, "false": False, "true": True}


def without_mismatches(body: object) -> tuple[object, int]:
    """The part of a body that is read, with NULL in place of each mismatch, and the number of mismatches."""
    mismatches: list[str] = []
    return _fitted(body, STRUCTURE, name="", mismatches=mismatches), len(mismatches)


def _fitted(value: Any, kind: Any, *, name: str, mismatches: list[str]) -> Any:
    if isinstance(kind, dict) and isinstance(value, dict):
        known = {key: inner for key, inner in value.items() if key in kind}
        return {key: _fitted(inner, kind[key], name=key, mismatches=mismatches) for key, inner in known.items()}
    if (
        isinstance(kind, list)
        and (items := listed(value) if name in _RECORD_LISTS else value)
        and isinstance(items, list)
    ):
        return [_fitted(inner, kind[0], name=name, mismatches=mismatches) for inner in items]
    fitted = _scalar(value, kind, most=_AT_MOST.get(name, GREATEST)) if isinstance(kind, str) else None
    if fitted is None and value not in (None, "") and name not in _REJECTED:
        mismatches.append(name)
    return fitted


def _scalar(value: Any, kind: str, *, most: int) -> Any:
    if kind == "BIGINT":
        return _number(value, most)
    if kind == "BOOLEAN":
        return _BOOLEANS.get(value) if isinstance(value, int | str) else None
    return None if kind == "VARCHAR" and isinstance(value, list | dict) else value


def _number(value: Any, most: int) -> int | None:
    number = whole_number(value)
    return number if number is not None and 0 <= number <= most else None
