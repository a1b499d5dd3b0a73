"""Keywords and hashtags in the syntax of other search engines, which the Research API does not have."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tt_pipeline.query import Condition
from tt_pipeline.vocabulary import ConditionField

_TEXTS: Final = frozenset((ConditionField.KEYWORD, ConditionField.HASHTAG_NAME))
_SIGNS: Final = {
    r"\s(AND|&&?)\s": "For both words write two keyword conditions under `and` of a `query`.",
    r"\s(OR|\|\|?)\s": "For either word write a list.",
    r"(?:^|\s)(NOT\s|-(?=\w))": "Write what must not match under `exclude`.",
    r"(\*)": "Write every form of the word into a list.",
    r"([\"“”„«»])": "Leave the quotation marks out.",
    r"([()])": "Groups need a `query`.",
}
"""What other search engines read as an operator, and how it is written here."""


def operator_hints(conditions: Sequence[Condition]) -> Iterator[str]:
    """One sentence for each kind of operator, about the first keyword or hashtag that contains it."""
    values = [(condition.field, value) for condition in conditions for value in condition.values]
    texts = [(field, value) for field, value in values if field in _TEXTS]
    for sign, remedy in _SIGNS.items():
        found = [(field, value, match[1].strip()) for field, value in texts if (match := re.search(sign, value))]
        more = f" ({len(found) - 1:,} more of this kind.)" if found[1:] else ""
        for field, value, operator in found[:1]:
            yield f"{field} {value!r} is matched as written: {operator} is no operator here. {remedy}{more}"
