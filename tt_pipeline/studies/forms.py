"""The keys of the study file and the rules between them.

A form contains the checked values as they were typed; `build_study.py` builds the values of `study.py` from it.
Editors show the descriptions here.
"""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from tt_pipeline.codebook.fields import USER_FIELDS, omittable_fields
from tt_pipeline.codebook.limits import MOST_COMMENTS, REQUESTS_PER_SECOND
from tt_pipeline.studies.account_forms import AccountsForm
from tt_pipeline.studies.field_types import (
    EARLIER_NAMES,
    MOST_VIEWS,
    NOT_EMPTY,
    Age,
    Day,
    Form,
    NotLegal,
    OptionalDay,
    PositiveCount,
    listed,
)
from tt_pipeline.studies.hints import nearest, parse_alert, parse_omitted, parse_proof
from tt_pipeline.studies.search_forms import SearchForm
from tt_pipeline.studies.study import (
    AlertRules,
    CommentRules,
    CommentSample,
    ComplianceRules,
    PrivacyRules,
    QuotaRules,
    Study,
    UserRules,
)
from tt_pipeline.studies.video_ids import first_day_of, ids_of, ids_within
from tt_pipeline.vocabulary import AccountList, AlertKind, ProfileProof

HIDDEN: Final = "\0"
"""Prefix of names that only pydantic uses; no key of a file has it, because null bytes are refused."""


_SEARCH_NAME: Final = "[a-z][a-z0-9_]{0,59}"


def _search_name(name: str) -> str:
    if not re.fullmatch(_SEARCH_NAME, name):
        raise NotLegal(
            "is not a valid search name; use a-z, 0-9 and _, beginning with a letter, 60 characters at most."
        )
    return name


def _ascending(ages: tuple[int, ...]) -> tuple[int, ...]:
    for number, (earlier, later) in enumerate(pairwise(ages), start=1):
        if later <= earlier:
            raise NotLegal(f"{later} follows {earlier}; write the ages in ascending order.", number)
    return ages


def _switch_or_rules(written: object) -> str:
    return f"{HIDDEN}rules" if isinstance(written, Mapping | BaseModel) else f"{HIDDEN}switch"


Switch = Annotated[bool, Tag(f"{HIDDEN}switch")]
Rules = Tag(f"{HIDDEN}rules")
_AGE: Final = {"type": "integer", "minimum": 1, "maximum": 3650}
Ages = Annotated[
    tuple[Age, ...],
    BeforeValidator(listed),
    Field(min_length=1),
    AfterValidator(_ascending),
    WithJsonSchema({"anyOf": [_AGE, {"type": "array", "items": _AGE, "minItems": 1}]}),
]


class CommentSampleForm(Form):
    """Videos drawn at random from each search, day and size class, instead of all."""

    per_stratum: PositiveCount = Field(description="Videos of each search, day and size class of comment_count.")
    seed: Annotated[int, Field(ge=0, le=MOST_VIEWS)] = Field(
        CommentSample.seed, description="Another seed draws other videos."
    )


class CommentsForm(Form):
    """Which videos' comments are collected, and when; `true` uses the defaults, `false` collects none."""

    after_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        CommentRules.after_days, description="Age of a video in days at which its comments are collected."
    )
    min_comments: Annotated[int, Field(ge=0, le=MOST_VIEWS)] = Field(
        CommentRules.min_comments, description="Videos with fewer are skipped."
    )
    max_per_video: Annotated[int, Field(ge=1, le=MOST_COMMENTS)] = Field(
        CommentRules.max_per_video, description=f"The API gives at most {MOST_COMMENTS:,}."
    )
    replies: bool = Field(CommentRules.replies, description="Request missing replies by comment.")
    sample: Annotated[CommentSampleForm | None, NOT_EMPTY] = Field(None, description="Videos drawn at random.")


class UsersForm(Form):
    """Which profiles are collected; `true` uses the defaults, `false` collects none."""

    every_days: Age = Field(
        UserRules.every_days,
        description="A video that names an account requests its profile again if that is so many days older.",
    )
    mentioned: bool = Field(UserRules.mentioned, description="Also collect accounts that found videos mention.")
    refused_days: Age = Field(
        UserRules.refused_days, description="Days until accounts not found, private or refused are requested again."
    )
    verify: Annotated[ProfileProof, BeforeValidator(parse_proof)] = Field(
        UserRules.verify, description="strict: `tt refresh` requests every profile; videos: any video verifies it."
    )
    keep_profile_days: Annotated[Age | None, NOT_EMPTY] = Field(
        UserRules.keep_profile_days,
        description="Names, texts and picture of a profile that nothing verified for so many days are dropped.",
    )

    @model_validator(mode="before")
    @classmethod
    def _by_earlier_name(cls, written: Any) -> Any:
        if isinstance(written, Mapping) and not EARLIER_NAMES.keys().isdisjoint(written):
            named = {EARLIER_NAMES.get(key, key): value for key, value in written.items()}
            return named if len(named) == len(written) else written  # both names are a mistake
        return written


class QuotaForm(Form):
    """What the study may spend."""

    requests_per_day: Annotated[int, Field(ge=1, le=10**9)] = Field(
        QuotaRules.requests_per_day, description="Of the client key, over all its studies."
    )
    confirmed: bool = Field(QuotaRules.confirmed, description="true once you have read what `tt plan` says it costs.")
    confirm_above: Annotated[int, Field(ge=0, le=10**9)] = Field(
        QuotaRules.confirm_above,
        description="Collected days are requested again without a question up to so many requests (edits, --again).",
    )
    reserve_for_daily: Annotated[int, Field(ge=0)] = Field(
        QuotaRules.reserve_for_daily, description="Requests that backfills leave for the daily run."
    )
    requests_per_second: Annotated[float, Field(ge=0.001, le=10_000)] = Field(
        QuotaRules.requests_per_second, description=f"Highest rate; the server allows {REQUESTS_PER_SECOND}."
    )

    @field_validator("reserve_for_daily")
    @classmethod
    def _leaves_something(cls, reserve: int, info: ValidationInfo) -> int:
        most = info.data.get("requests_per_day")
        if most is not None and reserve >= most:
            raise NotLegal(f"{reserve} is not below requests_per_day {most}: no backfill would ever start.")
        return reserve


_Alert = Annotated[AlertKind, BeforeValidator(parse_alert)]


class AlertsForm(Form):
    """The troubles of which somebody is told; TT_ALERT_WEBHOOK or TT_ALERT_COMMAND says where to."""

    on: Annotated[
        tuple[_Alert, ...],
        BeforeValidator(listed),
        WithJsonSchema({"type": "array", "items": {"enum": list(AlertKind)}, "uniqueItems": True}),
    ] = Field(AlertRules.on, description=f"{', '.join(AlertKind)}.")


_Omitted = Annotated[str, BeforeValidator(parse_omitted)]


class PrivacyForm(Form):
    """Which personal data is never requested; what is not requested costs nothing and need not be protected."""

    profiles: bool = Field(PrivacyRules.profiles, description="false sends no request about a profile.")
    avatars: bool = Field(PrivacyRules.avatars, description="false requests profiles without avatar_url.")
    mentions: bool = Field(PrivacyRules.mentions, description="false requests videos without video_mention_list.")
    omit_fields: Annotated[
        tuple[_Omitted, ...],
        BeforeValidator(listed),
        WithJsonSchema({"type": "array", "items": {"enum": list(omittable_fields())}, "uniqueItems": True}),
    ] = Field(PrivacyRules.omit_fields, description="Further fields of the API that no request lists.")

    @field_validator("omit_fields")
    @classmethod
    def _leave_something(cls, omitted: tuple[str, ...]) -> tuple[str, ...]:
        if set(USER_FIELDS) <= set(omitted):
            raise NotLegal("leaves no field of a profile; write `profiles: false`, which sends no request about one.")
        return omitted


class ComplianceForm(Form):
    """How often everything stored is checked, and what happens to what is gone."""

    refresh_days: Annotated[int, Field(ge=1, le=30)] = Field(
        ComplianceRules.refresh_days,
        description="Days until everything stored is checked again; TikTok's terms allow at most 30, earlier ones 15.",
    )
    confirm_after_days: Annotated[int, Field(ge=1, le=30)] = Field(
        ComplianceRules.confirm_after_days, description="Days after which a second answer confirms that it is gone."
    )
    max_gone_share: Annotated[float, Field(gt=0, le=1)] = Field(
        ComplianceRules.max_gone_share, description="A larger share that is gone at once is doubted."
    )
    hide_after_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        ComplianceRules.hide_after_days, description="Days without a check after which something is hidden."
    )
    copies: Annotated[tuple[Path, ...], BeforeValidator(listed)] = Field(
        ComplianceRules.copies, description="Folders with copies that tt_pipeline cannot know; a deletion names them."
    )

    @field_validator("hide_after_days")
    @classmethod
    def _follows_refresh(cls, days: int, info: ValidationInfo) -> int:
        refresh_days = info.data.get("refresh_days")
        if refresh_days is not None and days < refresh_days:
            raise NotLegal(f"{days} is below refresh_days {refresh_days}: data would be hidden before it is due.")
        return days


class StudyForm(Form):
    """A study: its searches, its days, and the quota it may use."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(
        alias="study", description="Title of the study; keep it after the first collection."
    )
    start: Day = Field(description="First day (UTC) whose videos are collected.")
    end: OptionalDay = Field(None, description="Last day (UTC, inclusive); without it the study has no end.")
    looks: Ages = Field(Study.looks, description="Ages in days at which the videos of a day are collected.")
    comments: Annotated[Switch | Annotated[CommentsForm, Rules], Discriminator(_switch_or_rules)] = Field(
        CommentsForm(), description="Which comments are collected; true uses the defaults, false collects none."
    )
    users: Annotated[Switch | Annotated[UsersForm, Rules], Discriminator(_switch_or_rules)] = Field(
        UsersForm(), description="Which profiles are collected; true uses the defaults, false collects none."
    )
    quota: QuotaForm = Field(QuotaForm(), description="Requests a day, and whether they may be sent to TikTok.")
    searches: Annotated[dict[Annotated[str, AfterValidator(_search_name)], SearchForm], Field(min_length=1)] = Field(
        description="The searches, each below a name of a-z, 0-9 and _.",
        json_schema_extra={"propertyNames": {"pattern": f"^{_SEARCH_NAME}$"}},
    )
    accounts: Annotated[AccountsForm | None, NOT_EMPTY] = Field(None, description="Accounts whose lists are observed.")
    alerts: AlertsForm = Field(AlertsForm(), description="Of which troubles somebody is told.")
    compliance: ComplianceForm = Field(ComplianceForm(), description="How often what is stored is checked.")
    privacy: PrivacyForm = Field(PrivacyForm(), description="Which personal data is never requested.")

    @field_validator("end")
    @classmethod
    def _follows_start(cls, end: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("start")
        if start and end and end < start:
            raise NotLegal(f"{end} is before start {start}; change one of them.")
        return end

    @field_validator("searches")
    @classmethod
    def _lie_within(cls, searches: dict[str, SearchForm], info: ValidationInfo) -> dict[str, SearchForm]:
        if start := info.data.get("start"):
            for name, search in searches.items():
                _refuse_outside(name, search, start, info.data.get("end"))
                _refuse_lost_ids(name, search, start, info.data.get("end"))
        return searches

    @field_validator("accounts")
    @classmethod
    def _name_a_search(cls, accounts: AccountsForm | None, info: ValidationInfo) -> AccountsForm | None:
        searches = info.data.get("searches")
        top = accounts.top_creators if accounts else None
        if searches and top and top.search not in searches:
            problem = f"{top.search!r} is not a search of this study; {nearest(top.search, searches)}"
            raise NotLegal(problem, "top_creators", "search")
        return accounts

    @field_validator("privacy")
    @classmethod
    def _leaves_what_others_need(cls, privacy: PrivacyForm, info: ValidationInfo) -> PrivacyForm:
        users, accounts = info.data.get("users"), info.data.get("accounts")
        needs_mentions = privacy.profiles and isinstance(users, UsersForm) and users.mentioned
        if needs_mentions and not privacy.mentions:
            raise NotLegal("leaves out the accounts that users.mentioned collects; change one of them.", "mentions")
        if needs_mentions and "video_mention_list" in privacy.omit_fields:
            problem = "leaves out video_mention_list, which users.mentioned needs; change one of them."
            raise NotLegal(problem, "omit_fields")
        if accounts and AccountList.PLAYLISTS in accounts.lists and "playlist_id" in privacy.omit_fields:
            raise NotLegal("leaves out playlist_id, which the list playlists needs; change one of them.", "omit_fields")
        return privacy


def _refuse_outside(name: str, search: SearchForm, start: date, end: date | None) -> None:
    first, last = search.first_day, search.last_day
    if first and first < start:
        raise NotLegal(f"{first} is before the study's start {start}; change one of them.", name, "from")
    if first and end and first > end:
        raise NotLegal(f"{first} is after the study's end {end}; change one of them.", name, "from")
    if last and end and last > end:
        raise NotLegal(f"{last} is after the study's end {end}; change one of them.", name, "to")
    if last and last < (first or start):
        raise NotLegal(f"{last} is before the search's first day {first or start}.", name, "to")


def _refuse_lost_ids(name: str, search: SearchForm, start: date, end: date | None) -> None:
    ids = ids_of(search.video_ids)
    first, last = search.first_day or start, search.last_day or end
    if ids and not ids_within(ids, first, last):
        span = f"from {first} to {last}" if last else f"since {first}"
        theirs = " to ".join(dict.fromkeys((str(first_day_of(ids[0])), str(first_day_of(ids[-1])))))
        raise NotLegal(
            f"has no id of a video {span}: the videos are of {theirs}; change start, end, from or to.",
            name,
            "video_ids",
        )
