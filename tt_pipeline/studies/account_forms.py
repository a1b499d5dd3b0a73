"""Accounts that are observed by their lists, as people write them."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, field_validator, model_validator

from tt_pipeline.query import count_problem, value_problem
from tt_pipeline.studies.field_types import GIVEN, Age, Form, NotLegal, PositiveCount, TextList, listed
from tt_pipeline.studies.hints import list_meant
from tt_pipeline.studies.wording import cleaned
from tt_pipeline.vocabulary import AccountList, ConditionField, Operation

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_List = Annotated[AccountList, BeforeValidator(list_meant)]
_LISTS = WithJsonSchema({"type": "array", "items": {"enum": list(AccountList)}, "minItems": 1, "uniqueItems": True})
_Lists = Annotated[tuple[_List, ...], BeforeValidator(listed), Field(min_length=1), _LISTS]


class TopCreatorsForm(Form):
    """The accounts whose videos a search found most often."""

    search: _Name = Field(description="Name of a search of this study.")
    most: PositiveCount = Field(100, description="At most so many accounts.")


class AccountsForm(Form):
    """Accounts that are observed, and which of their lists."""

    usernames: TextList = Field((), description="Handles, with or without @, or URLs of profiles.")
    top_creators: Annotated[TopCreatorsForm | None, GIVEN] = Field(None, description="Those found most often.")
    lists: _Lists = Field(description="followers, following, liked, pinned, reposted, playlists.")
    every_days: Age = Field(7, description="A list is observed again after so many days.")
    max_per_list: PositiveCount = Field(5000, description="Records; the API reaches about 5,000 followers at most.")

    @field_validator("usernames")
    @classmethod
    def _are_legal(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        if problem := count_problem(Operation.IN, len(written)):
            raise NotLegal(problem)
        for number, text in enumerate(written):
            if problem := value_problem(ConditionField.USERNAME, cleaned(ConditionField.USERNAME, text)):
                raise NotLegal(problem, number)
        return written

    @model_validator(mode="after")
    def _names_someone(self) -> Self:
        if not (self.usernames or self.top_creators):
            raise NotLegal("names no account; write usernames or top_creators below it.")
        return self
