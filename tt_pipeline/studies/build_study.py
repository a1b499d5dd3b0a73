"""Build the Study from a checked form, so that no other room depends on the file format."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tt_pipeline.query import Condition, Query
from tt_pipeline.studies.account_forms import AccountsForm
from tt_pipeline.studies.forms import CommentsForm, PrivacyForm, StudyForm, UsersForm
from tt_pipeline.studies.search_forms import ConditionForm, ConditionsForm, SearchForm
from tt_pipeline.studies.study import (
    AccountRules,
    AlertRules,
    CommentRules,
    CommentSample,
    ComplianceRules,
    PrivacyRules,
    QuotaRules,
    Sample,
    Search,
    Study,
    StudyQuery,
    TopCreators,
    UserRules,
)
from tt_pipeline.studies.video_ids import first_day_of, ids_of, ids_within, last_day_of, parts_of
from tt_pipeline.studies.wording import BOUND_KEYS, EITHER_KEYS, LIST_KEYS, cleaned
from tt_pipeline.vocabulary import ConditionField, Operation, Username, VideoId


def build_study(form: StudyForm, file: Path) -> Study:
    """The study of a legal form, without notices."""
    return Study(
        title=form.title,
        file=file,
        first_day=form.start,
        last_day=form.end,
        searches=tuple(_search(name, search, form) for name, search in form.searches.items()),
        looks=form.looks,
        comments=_comment_rules(form.comments),
        users=_user_rules(form.users, form.privacy),
        quota=QuotaRules(**form.quota.model_dump()),
        accounts=_account_rules(form.accounts) if form.accounts else None,
        compliance=ComplianceRules(**form.compliance.model_dump()),
        alerts=AlertRules(on=tuple(dict.fromkeys(form.alerts.on))),
        privacy=_privacy_rules(form.privacy),
    )


def _comment_rules(written: bool | CommentsForm) -> CommentRules:  # noqa: FBT001 — the file says true or false
    rules = CommentsForm() if isinstance(written, bool) else written
    sample = CommentSample(**rules.sample.model_dump()) if rules.sample else None
    return CommentRules(wanted=written is not False, sample=sample, **rules.model_dump(exclude={"sample"}))


def _user_rules(written: bool | UsersForm, privacy: PrivacyForm) -> UserRules:  # noqa: FBT001 — the file says true or false
    rules = UsersForm() if isinstance(written, bool) else written
    return UserRules(wanted=written is not False and privacy.profiles, **rules.model_dump())


def _privacy_rules(form: PrivacyForm) -> PrivacyRules:
    return PrivacyRules(**form.model_dump() | {"omit_fields": tuple(dict.fromkeys(form.omit_fields))})


def _account_rules(form: AccountsForm) -> AccountRules:
    names = dict.fromkeys(Username(cleaned(ConditionField.USERNAME, text)) for text in form.usernames)
    return AccountRules(
        usernames=tuple(names),
        top_creators=TopCreators(**form.top_creators.model_dump()) if form.top_creators else None,
        lists=tuple(dict.fromkeys(form.lists)),
        every_days=form.every_days,
        max_per_list=form.max_per_list,
    )


def _search(name: str, form: SearchForm, study: StudyForm) -> Search:
    first_day, last_day = form.first_day or study.start, form.last_day or study.end
    if form.video_ids:
        return _search_of_ids(name, ids_within(ids_of(form.video_ids), first_day, last_day), last_day)
    query = build_query(form)
    sample = Sample(**form.sample.model_dump()) if form.sample else None
    return Search(
        name=name,
        query=query,
        first_day=first_day,
        last_day=last_day,
        fingerprint=query.fingerprint(**({"is_random": True, "max_count": sample.random} if sample else {})),
        sample=sample,
        max_videos_per_day=form.max_videos_per_day,
    )


def _search_of_ids(name: str, ids: Sequence[VideoId], last_day: date | None) -> Search:
    return Search(
        **_fields_of_ids(name, ids, last_day),
        parts=tuple(StudyQuery(**_fields_of_ids(name, part, last_day), is_id_list=True) for part in parts_of(ids)),
    )


def _fields_of_ids(name: str, ids: Sequence[VideoId], last_day: date | None) -> dict[str, Any]:
    values = tuple(str(video_id) for video_id in ids)
    query = Query(all_of=(Condition(field=ConditionField.VIDEO_ID, operation=Operation.IN, values=values),))
    return {
        "name": name,
        "query": query,
        "first_day": first_day_of(ids[0]),
        "last_day": min(last_day_of(ids[-1]), last_day or date.max),
        "fingerprint": query.fingerprint(),
    }


def build_query(form: SearchForm) -> Query:
    """The query of a search that is written in the short form or in the API's own JSON."""
    if form.query is not None:
        groups = (form.query.all_of, form.query.any_of, form.query.none_of)
        all_of, any_of, none_of = (tuple(_verbatim(condition) for condition in group) for group in groups)
        return Query(all_of=all_of, any_of=any_of, none_of=none_of)
    conditions = dict(_conditions(form))
    return Query(
        all_of=tuple(condition for key, condition in conditions.items() if key not in EITHER_KEYS),
        any_of=tuple(condition for key, condition in conditions.items() if key in EITHER_KEYS),
        none_of=tuple(condition for _, condition in _conditions(form.exclude)) if form.exclude else (),
    )


def _conditions(form: ConditionsForm) -> Iterator[tuple[str, Condition]]:
    for key, field in LIST_KEYS.items():
        if written := getattr(form, key):
            # Repeated values would only make the request longer.
            values = tuple(dict.fromkeys(cleaned(field, value) for value in written))
            yield key, Condition(field=field, operation=Operation.IN, values=values)
    for key, (field, operation) in BOUND_KEYS.items():
        if (bound := getattr(form, key)) is not None:
            yield key, Condition(field=field, operation=operation, values=(str(bound),))


def _verbatim(form: ConditionForm) -> Condition:
    return Condition(field=form.field_name, operation=form.operation, values=form.field_values)
