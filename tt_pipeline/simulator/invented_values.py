"""Which value does a field get if `records.py` does not have it?

A new field of the codebook gets a plausible value of its type until somebody adds it to `records.py`.
"""

from collections.abc import Callable, Container, Mapping
from typing import Any, Final

from tt_pipeline.codebook.fields import Field, Given, Record, WireType
from tt_pipeline.simulator.randomness import seeded_share

_SCALARS: Final[Mapping[WireType, Callable[[str, float], Any]]] = {
    WireType.INTEGER: lambda _, share: int(share * 1_000),
    WireType.ID: lambda _, share: 7_000_000_000_000_000_000 + int(share * 1_000_000_000),
    WireType.TEXT: lambda name, share: f"{name} {int(share * 1_000)}",
    WireType.BOOLEAN: lambda _, share: share < 0.5,  # noqa: PLR2004 — as often true as false
    WireType.SECONDS: lambda _, share: 1_760_000_000 + int(share * 1_000_000),
    WireType.JSON: lambda name, share: {name: int(share * 10)},
}
_ITEMS: Final = {WireType.IDS: WireType.ID, WireType.TEXTS: WireType.TEXT}


def invented(record: Record, known: Container[str], seed: int) -> dict[str, Any]:
    """A value for each requestable field that `records.py` does not have; always the same for the same record."""
    return {
        field.name: _value(field, seed)
        for field in record
        if field.given is Given.REQUESTED and field.name not in known
    }


def _value(field: Field, seed: int) -> Any:
    share = seeded_share(field.name, seed)
    if field.type is WireType.OBJECTS:
        return [{item.name: _value(item, seed) for item in field.items}]
    if field.type in _ITEMS:
        return [_SCALARS[_ITEMS[field.type]](field.name, share)]
    return _SCALARS[field.type](field.name, share)
