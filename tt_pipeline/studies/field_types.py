"""The types that the forms share: lists, counts and days as people write them, and the rule that they break."""

from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from tt_pipeline.vocabulary import REGION_CODES, VideoLength

_FIRST_VIDEOS: Final = date(2014, 1, 1)  # musical.ly, whose videos TikTok took over, opened in 2014.
MOST_VIEWS: Final = 10**15


class NotLegal(ValueError):
    """A rule is broken; pydantic collects it with the others.

    Attributes:
        below: Where, counted from the value that the validator saw.
    """

    def __init__(self, problem: str, *below: str | int) -> None:
        self.below = below
        super().__init__(problem)


def listed(written: object) -> object:
    """A single value stands for a list of one."""
    return written if isinstance(written, list) else [written]


def _list_of(item: dict[str, object]) -> WithJsonSchema:
    several = {"type": "array", "items": item, "minItems": 1}
    file = {"properties": {"file": {"type": "string"}}, "required": ["file"], "additionalProperties": False}
    return WithJsonSchema({"anyOf": [item, several, {"type": "object", **file}]})


def _day(written: object) -> date:
    if written is None:
        raise NotLegal("is empty; write YYYY-MM-DD, for example 2026-10-01.")
    try:
        day = date.fromisoformat(str(written).strip())
    except ValueError:
        raise NotLegal(f"{written!r} is not a day; write YYYY-MM-DD, for example 2026-10-01.") from None
    if day < _FIRST_VIDEOS:
        raise NotLegal(f"{day} is before the first video of TikTok; write a day from {_FIRST_VIDEOS} on.")
    return day


def _optional_day(written: object) -> date | None:
    return None if written is None else _day(written)


def _given(written: object) -> object:
    # A key without a value would silently ask for more than was meant.
    if written is None:
        raise NotLegal("is empty; give it a value or leave it out.")
    return written


GIVEN: Final = BeforeValidator(_given)
"""A key that may be absent, and has a value when it is there."""

Texts = Annotated[tuple[str, ...], BeforeValidator(listed)]
TextList = Annotated[Texts, _list_of({"type": ["string", "integer"]})]
RegionList = Annotated[Texts, _list_of({"enum": sorted(REGION_CODES)})]
LengthList = Annotated[Texts, _list_of({"enum": list(VideoLength)})]
Count = Annotated[int, Field(ge=0, le=MOST_VIEWS)]
Age = Annotated[int, Field(ge=1, le=3650)]
Day = Annotated[date, BeforeValidator(_day)]
PositiveCount = Annotated[int, Field(ge=1, le=MOST_VIEWS)]
OptionalDay = Annotated[date | None, BeforeValidator(_optional_day)]


class Form(BaseModel):
    """What all parts of the file share: a key that nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
