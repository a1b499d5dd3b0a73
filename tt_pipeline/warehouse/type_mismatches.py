r"""Values that are not of their field's type: found in the text of a page, counted, and left out.

DuckDB reads such a value as NULL, or rounds it: 1.5 becomes 2, and 7571234567890475001.0 the id of another. So each
page is searched for them, and `without_misfits` goes through those alone that may hold some, in Python. A search may
find what is none, which costs time, and must not overlook what is one (but looks at the first item alone of a list of
objects). Reading all numbers as text and casting them later took longer, and did not tell a list that is none.

The id of a record, and a record that is none, are not counted: they are rejected, and told there.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from tt_pipeline.warehouse.wire_schema import LISTS, STRUCTURE

_IS = r'"\s*:\s*'
_NO_NUMBER = r'(?:[^0-9"n\s]|[0-9]+[.eE]|9[0-9]{18}|[0-9]{20})'
_REST = r'(?:[^"\\]|\\.)*"'
_TOO_LARGE = '9[0-9]{18}"|[0-9]{20,}"'
_NO_DIGITS = rf'"(?:[0-9]*(?:[^0-9"\\]|\\.){_REST}|{_TOO_LARGE})'
# Other than a log_id, which stands in each answer: 14 digits and hexadecimal ones, or the last key of all.
_ODD = rf'"(?:[0-9]{{0,13}}(?:[^0-9"\\]|\\.){_REST}|[0-9]{{14}}[0-9A-F]*(?:[^0-9A-F"\\]|\\.){_REST}|{_TOO_LARGE})'
_NO_ID = rf"(?:{_NO_NUMBER}|{_ODD}\s*(?:,|[}}]\s*[],]))"
# All begin with a character that is rare: RE2 skips to it, which is twice as fast.
_SEARCHED: Final = (
    rf"_id{_IS}{_NO_ID}",
    rf"_(?:count|duration|time|total|updated){_IS}(?:{_NO_NUMBER}|{_NO_DIGITS})",
    rf'_(?:time|updated){_IS}"?[0-9]{{12}}',
    rf"_(?:ids|names|list){_IS}[^[n\s]",
    rf'_ids{_IS}\[[^]]*(?:[^]0-9",\s]|9[0-9]{{18}}|[0-9]{{20}})',
    rf"_info_list{_IS}\[\s*[^]{{\s]",
    rf"_verified{_IS}[^tfn\s]",
)
MAY_HOLD: Final = f"regexp_matches(body, '{'|'.join(_SEARCHED)}')"
"""SQL: whether a `body` may hold values that are not of their field's type."""

_NUL, _NO_NUL, _BROKEN = r"'\u0000'", r"'\\u0000'", "chr(65533)"
BROKEN: Final = (
    f"case when contains(body, {_NUL})"
    f" then len(string_split(body, {_NUL})) - len(string_split(body, {_NO_NUL})) else 0 end"
    f" + case when contains(body, {_BROKEN}) then len(string_split(body, {_BROKEN})) - 1 else 0 end"
)
"""SQL: how many characters of a `body` are NUL, which is taken out of texts, or U+FFFD, which half a pair becomes."""

_REJECTED: Final = frozenset(name for names in LISTS.values() for name in names)
_GREATEST: Final = 2**63 - 1
_LAST_SECOND: Final = 253_402_300_799  # 9999-12-31
_AT_MOST: Final[Mapping[str, int]] = dict.fromkeys(("create_time", "playlist_last_updated"), _LAST_SECOND)
_TRUTHS: Final[Mapping[object, bool]] = {False: False, True: True, "false": False, "true": True}


def without_misfits(body: object) -> tuple[object, int]:
    """The part of a body that is read, with NULL in place of each misfit, and how many these were."""
    misfits: list[str] = []
    return _fitted(body, STRUCTURE, name="", misfits=misfits), len(misfits)


def _fitted(value: Any, kind: Any, *, name: str, misfits: list[str]) -> Any:
    if isinstance(kind, dict) and isinstance(value, dict):
        known = {key: inner for key, inner in value.items() if key in kind}
        return {key: _fitted(inner, kind[key], name=key, misfits=misfits) for key, inner in known.items()}
    if isinstance(kind, list) and isinstance(value, list):
        return [_fitted(inner, kind[0], name=name, misfits=misfits) for inner in value]
    fitted = _scalar(value, kind, most=_AT_MOST.get(name, _GREATEST)) if isinstance(kind, str) else None
    if fitted is None and value not in (None, "") and name not in _REJECTED:
        misfits.append(name)
    return fitted


def _scalar(value: Any, kind: str, *, most: int) -> Any:
    if kind == "BIGINT":
        number = int(value) if isinstance(value, str) and re.fullmatch("[0-9]+", value) else value
        return number if type(number) is int and 0 <= number <= most else None
    if kind == "BOOLEAN":
        return _TRUTHS.get(value) if isinstance(value, int | str) else None
    return value
