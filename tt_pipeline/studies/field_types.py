"""Types that the forms share: lists, counts and days as people write them, and the error for illegal values."""

from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from tt_pipeline.vocabulary import REGION_CODES, VideoLength

_FIRST_VIDEOS: Final = date(2014, 1, 1)  # musical.ly, whose videos TikTok took over, opened in 2014.
_LAST_DAY: Final = date(2099, 12, 31)
MOST_VIEWS: Final = 10**15
EARLIER_NAMES: Final = {"refresh_days": "every_days"}
"""Keys of earlier versions, which are still read, and their present names."""


class NotLegal(ValueError):
    """A value is illegal; pydantic collects this error with the others.

    Attributes:
        below: Path from the validated value to the illegal one.
    """

    def __init__(self, problem: str, *below: str | int) -> None:
        self.below = below
        super().__init__(problem)


def listed(written: object) -> object:
    """The value as a list; a single value becomes a list of one."""
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
    if day > _LAST_DAY:
        raise NotLegal(f"{day} is too late; write a day until {_LAST_DAY}, or no end.")
    if day < _FIRST_VIDEOS:
        raise NotLegal(f"{day} is before the first video of TikTok; write a day from {_FIRST_VIDEOS} on.")
    return day


def _optional_day(written: object) -> date | None:
    return None if written is None else _day(written)


def _not_empty(written: object) -> object:
    # Without this check a key without a value would silently select more than intended.
    if written is None:
        raise NotLegal("is empty; write a value or delete the key.")
    return written


NOT_EMPTY: Final = BeforeValidator(_not_empty)
"""For a key that may be absent but needs a value when it is present."""

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
    """The base of all forms: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
