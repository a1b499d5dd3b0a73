"""The keys of a search in the study file: the short form, or the API's own JSON.

Editors show the descriptions here.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from tt_pipeline.codebook.limits import PAGE_SIZE
from tt_pipeline.query import count_problem, operation_problem, value_problem
from tt_pipeline.studies.field_types import (
    NOT_EMPTY,
    Count,
    Form,
    LengthList,
    NotLegal,
    OptionalDay,
    PositiveCount,
    RegionList,
    TextList,
    Texts,
)
from tt_pipeline.studies.hints import parse_field, parse_operation
from tt_pipeline.studies.study import Sample
from tt_pipeline.studies.video_ids import MOST_IDS, id_problem
from tt_pipeline.studies.wording import BOUND_KEYS, LIST_KEYS, cleaned
from tt_pipeline.vocabulary import ConditionField, Operation

_VALUE: Final = {"type": ["string", "integer"]}
_VALUES: Final = {"anyOf": [_VALUE, {"type": "array", "items": _VALUE, "minItems": 1}]}


class ConditionForm(Form):
    """One condition in the API's own JSON."""

    field_name: Annotated[ConditionField, BeforeValidator(parse_field)] = Field(description="What is compared.")
    operation: Annotated[Operation, BeforeValidator(parse_operation)] = Field(
        description="EQ takes one value, IN any number; the others compare numbers and days."
    )
    field_values: Annotated[Texts, WithJsonSchema(_VALUES)] = Field(description="The values, as text.")

    @field_validator("operation")
    @classmethod
    def _fits_the_field(cls, operation: Operation, info: ValidationInfo) -> Operation:
        field = info.data.get("field_name")
        if field and (problem := operation_problem(field, operation)):
            raise NotLegal(problem)
        return operation

    @field_validator("field_values")
    @classmethod
    def _are_legal(cls, values: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if problem := count_problem(info.data.get("operation", Operation.IN), len(values)):
            raise NotLegal(problem)
        field = info.data.get("field_name")
        if field is ConditionField.VIDEO_ID:  # the one value that is not used verbatim: people paste links, not ids
            values = tuple(cleaned(field, value) for value in values)
        if field:
            _refuse_illegal(field, values)
        return values


def _refuse_illegal(field: ConditionField, values: Sequence[str]) -> None:
    for number, value in enumerate(values):
        if problem := value_problem(field, value):
            raise NotLegal(problem, number)


class QueryForm(Form):
    """A query in the API's own JSON: a video matches all of `and`, at least one of `or`, none of `not`."""

    all_of: tuple[ConditionForm, ...] = Field((), alias="and", description="A video must match all of these.")
    any_of: tuple[ConditionForm, ...] = Field((), alias="or", description="A video must match at least one of these.")
    none_of: tuple[ConditionForm, ...] = Field((), alias="not", description="A video must match none of these.")

    @model_validator(mode="after")
    def _has_condition(self) -> Self:
        if not (self.all_of or self.any_of or self.none_of):
            raise NotLegal("has no condition; write at least one under and, or, not.")
        return self


class ConditionsForm(Form):
    """Conditions in the short form. A list can also be one value, or {file: names.txt} with one value a line."""

    keywords: TextList = Field(
        (), description="Words in the description; a video matches one of them or of `hashtags`."
    )
    hashtags: TextList = Field((), description="With or without #; a video matches one of them or of `keywords`.")
    usernames: TextList = Field((), description="Handles, with or without @, or URLs of profiles.")
    regions: RegionList = Field((), description="Where the creator registered the account: DE, FR, US …")
    music_ids: TextList = Field((), description="Ids of sounds.")
    effect_ids: TextList = Field((), description="Ids of effects.")
    video_length: LengthList = Field((), description="SHORT to 15 s, MID to 60 s, LONG to 5 min, EXTRA_LONG.")
    min_views: Count | None = Field(None, description="Smallest number of views.")
    max_views: Count | None = Field(None, description="Largest number of views.")
    min_comments: Count | None = Field(None, description="Smallest number of comments.")
    max_comments: Count | None = Field(None, description="Largest number of comments.")

    @field_validator(*LIST_KEYS)
    @classmethod
    def _are_legal(cls, values: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if problem := count_problem(Operation.IN, len(values)):
            raise NotLegal(problem)
        field = LIST_KEYS[str(info.field_name)]
        _refuse_illegal(field, [cleaned(field, value) for value in values])
        return values

    @field_validator("max_views", "max_comments")
    @classmethod
    def _leaves_something(cls, most: int | None, info: ValidationInfo) -> int | None:
        least_key = str(info.field_name).replace("max", "min")
        least = info.data.get(least_key)
        if most is not None and least is not None and most < least:
            raise NotLegal(f"{most} is below {least_key} {least}: no video can match both.")
        return most

    def written_keys(self) -> tuple[str, ...]:
        """The keys of the conditions that are written."""
        return tuple(key for key in (*LIST_KEYS, *BOUND_KEYS) if getattr(self, key) not in {(), None})


class SampleForm(Form):
    """Videos drawn at random instead of listed."""

    random: Annotated[int, Field(ge=1, le=PAGE_SIZE)] = Field(description="Videos of each draw; a draw is one request.")
    draws: Annotated[int, Field(ge=1, le=100)] = Field(Sample.draws, description="Draws of each day.")


class SearchForm(ConditionsForm):
    """One search: the short form, or `query`, or `video_ids`."""

    exclude: ConditionsForm | None = Field(None, description="Videos that match one of these conditions are left out.")
    first_day: OptionalDay = Field(None, alias="from", description="First day (UTC); otherwise the study's start.")
    last_day: OptionalDay = Field(None, alias="to", description="Last day (UTC, inclusive); otherwise the study's end.")
    query: QueryForm | None = Field(None, description="The API's own JSON, instead of all other conditions.")
    video_ids: TextList = Field((), description="Ids of videos, or their links, instead of all other conditions.")
    sample: Annotated[SampleForm | None, NOT_EMPTY] = Field(
        None, description="Draw videos at random instead of listing all."
    )
    max_videos_per_day: Annotated[PositiveCount | None, NOT_EMPTY] = Field(
        None, description="Collect only the newest of a day."
    )

    @field_validator("exclude")
    @classmethod
    def _excludes_something(cls, exclude: ConditionsForm | None) -> ConditionsForm | None:
        if exclude is not None and not exclude.written_keys():
            raise NotLegal("is empty; write conditions below it or leave it out.")
        return exclude

    @field_validator("query")
    @classmethod
    def _stands_alone(cls, query: QueryForm | None, info: ValidationInfo) -> QueryForm | None:
        beside = _first_written((*LIST_KEYS, *BOUND_KEYS, "exclude"), info)
        if query is not None and beside:
            raise NotLegal(
                f"cannot be combined with {beside}; move that condition into the query, or delete the query."
            )
        return query

    @field_validator("video_ids")
    @classmethod
    def _are_ids_alone(cls, ids: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if problem := count_problem(Operation.IN, len(ids)):
            raise NotLegal(problem)
        for number, written in enumerate(ids):
            if problem := id_problem(written):
                raise NotLegal(problem, number)
        if len(set(ids)) > MOST_IDS:
            raise NotLegal(f"has {len(set(ids)):,} ids; split them into searches of at most {MOST_IDS:,}.")
        if beside := _first_written((*LIST_KEYS, *BOUND_KEYS, "exclude", "query"), info):
            raise NotLegal(f"cannot be combined with {beside}, because ids are requested alone; make two searches.")
        return ids

    @field_validator("sample", "max_videos_per_day")
    @classmethod
    def _chooses_alone(cls, written: SampleForm | int | None, info: ValidationInfo) -> SampleForm | int | None:
        beside = _first_written(("video_ids", "sample"), info)
        if written is not None and beside:
            raise NotLegal(f"cannot be combined with {beside}, which already selects the videos; delete one of them.")
        return written

    @model_validator(mode="after")
    def _has_condition(self) -> Self:
        if not (self.query or self.exclude or self.video_ids or self.written_keys()):
            raise NotLegal("has no condition; write hashtags, keywords, usernames or another one below it.")
        return self


def _first_written(keys: Sequence[str], info: ValidationInfo) -> str | None:
    return next((key for key in keys if info.data.get(key) not in {(), None}), None)
