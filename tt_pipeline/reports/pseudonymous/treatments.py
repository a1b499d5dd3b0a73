"""What happens to a column in a pseudonymous export: its privacy class in the catalog decides, and nothing else."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tt_pipeline.codebook.fields import Privacy
from tt_pipeline.warehouse import Column, SqlType


class Treatment(StrEnum):
    """What becomes of the values of a column; each value is the note in the description of the column."""

    KEPT = ""
    NAMES_REPLACED = "A handle in it is replaced by the account's pseudonym"
    ACCOUNT = "Pseudonym of the account, the same in every table"
    ITEM = "Pseudonym of the id, the same in every table"
    MASKED = "Mentions, handles, links, e-mail addresses and phone numbers are masked"
    LEFT_OUT = "Left out"


_FOR_TEXTS: Final[Mapping[Privacy, Treatment]] = MappingProxyType(
    {
        Privacy.NONE: Treatment.NAMES_REPLACED,
        Privacy.LINKABLE: Treatment.NAMES_REPLACED,
        Privacy.CONTENT: Treatment.MASKED,
        Privacy.IDENTIFYING: Treatment.ACCOUNT,
        Privacy.PROFILE: Treatment.LEFT_OUT,
    }
)
_FOR_NUMBERS: Final[Mapping[Privacy, Treatment]] = MappingProxyType(
    {Privacy.NONE: Treatment.KEPT, Privacy.LINKABLE: Treatment.KEPT, Privacy.PROFILE: Treatment.LEFT_OUT}
)
"""Numbers, times and true or false: none of them is a text or a handle."""


def treatment_of(column: Column, *, hides_ids: bool) -> Treatment:
    """What happens to a column.

    Args:
        column: The column in the catalog.
        hides_ids: Whether ids become pseudonyms; what else links to a video is left out then.

    Raises:
        KeyError: Nobody has decided about a column of this type and privacy class.
    """
    if hides_ids and column.privacy is Privacy.LINKABLE:
        return Treatment.ITEM if column.name.endswith("_id") else Treatment.LEFT_OUT
    return (_FOR_TEXTS if column.type is SqlType.VARCHAR else _FOR_NUMBERS)[column.privacy]
