"""The `accounts` key of the study file: observed accounts and their lists."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, field_validator, model_validator

from tt_pipeline.codebook.limits import MOST_FOLLOWERS
from tt_pipeline.query import count_problem, value_problem
from tt_pipeline.studies.field_types import NOT_EMPTY, Age, Form, NotLegal, PositiveCount, TextList, listed
from tt_pipeline.studies.hints import parse_account_list
from tt_pipeline.studies.study import AccountRules, TopCreators
from tt_pipeline.studies.wording import cleaned
from tt_pipeline.vocabulary import AccountList, ConditionField, Operation

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_List = Annotated[AccountList, BeforeValidator(parse_account_list)]
_LISTS = WithJsonSchema({"type": "array", "items": {"enum": list(AccountList)}, "minItems": 1, "uniqueItems": True})
_Lists = Annotated[tuple[_List, ...], BeforeValidator(listed), Field(min_length=1), _LISTS]


class TopCreatorsForm(Form):
    """The accounts whose videos a search found most often."""

    search: _Name = Field(description="Name of a search of this study.")
    most: PositiveCount = Field(TopCreators.most, description="Largest number of accounts.")


class AccountsForm(Form):
    """The observed accounts, and which of their lists are collected."""

    usernames: TextList = Field((), description="Handles, with or without @, or URLs of profiles.")
    top_creators: Annotated[TopCreatorsForm | None, NOT_EMPTY] = Field(
        None, description="Accounts that a search found most often."
    )
    lists: _Lists = Field(description=f"{', '.join(AccountList)}.")
    every_days: Age = Field(AccountRules.every_days, description="Days after which a list is observed again.")
    max_per_list: PositiveCount = Field(
        AccountRules.max_per_list,
        description=f"Largest number of records; the API returns at most about {MOST_FOLLOWERS:,} followers.",
    )

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
