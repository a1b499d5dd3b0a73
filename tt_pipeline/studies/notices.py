"""Notices about a valid study: values that are read differently than written, and probable mistakes."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from tt_pipeline.codebook.limits import MOST_FOLLOWERS, REQUESTS_PER_SECOND
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.counted import counted
from tt_pipeline.query import spoken
from tt_pipeline.studies.forms import StudyForm
from tt_pipeline.studies.lint import hints_of
from tt_pipeline.studies.search_forms import ConditionsForm, SearchForm
from tt_pipeline.studies.search_syntax import operator_hints
from tt_pipeline.studies.study import AccountRules, Study
from tt_pipeline.studies.video_ids import first_day_of, ids_of
from tt_pipeline.studies.wording import LIST_KEYS, cleaned, visible
from tt_pipeline.vocabulary import ONCE, AccountList, Bucket, ConditionField

_SHOWN_AFTER_DAYS = 3
"""At this age a day has been over for 48 hours, the time in which its videos may still appear."""


def notices_of(form: StudyForm, study: Study) -> Iterator[str]:
    """The notices, one sentence each, beginning with the path of its key."""
    for name, written in form.searches.items():
        yield from _condition_readings(f"searches.{name}", written)
        if written.exclude:
            yield from _condition_readings(f"searches.{name}.exclude", written.exclude)
        yield from _readings(f"searches.{name}.video_ids", ConditionField.VIDEO_ID, written.video_ids)
        yield from _days_of_ids(f"searches.{name}.video_ids", written, form)
    for search in study.searches:
        is_bounded = bool(search.sample or search.max_videos_per_day)
        hints = (*hints_of(search.query, is_bounded=is_bounded), *operator_hints(search.query.conditions))
        yield from (f"searches.{search.name}: {hint}" for hint in hints)
    yield from _reserved_name(study)
    yield from _same_queries(study)
    yield from _early_look(study)
    yield from _spending(study)
    yield from _privacy(form, study)
    if form.accounts and study.accounts:
        yield from _readings("accounts.usernames", ConditionField.USERNAME, form.accounts.usernames)
        yield from _accounts(study.accounts)


def date_notices(study: Study, today: date) -> Iterator[str]:
    """The notices that depend on the day on which the study is read: what has not begun yet."""
    if study.first_day > today:
        yield f"start: {_not_begun(study.first_day, study, today)}"
    for search in study.searches:
        if search.first_day > max(study.first_day, today):
            yield f"searches.{search.name}.from: {_not_begun(search.first_day, study, today)}"


def _not_begun(first_day: date, study: Study, today: date) -> str:
    collected = first_day + timedelta(days=study.looks[0])
    return f"{first_day} is in the future (today is {today} UTC); its first videos are collected on {collected}."


def _condition_readings(where: str, form: ConditionsForm) -> Iterator[str]:
    for key, field in LIST_KEYS.items():
        yield from _readings(f"{where}.{key}", field, getattr(form, key))


def _readings(where: str, field: ConditionField, texts: Iterable[str]) -> Iterator[str]:
    changed = [(text, cleaned(field, text)) for text in texts if cleaned(field, text) != text.strip()]
    if changed:
        (written, read), more = changed[0], len(changed) - 1
        tail = f", and {more:,} more likewise" if more else ""
        # Both look the same on a screen, so the codes of the odd characters are shown.
        shown = repr(written) if visible(written) == written else ascii(written)
        yield f"{where}: {shown} is read as {read}{tail}."


def _days_of_ids(where: str, search: SearchForm, study: StudyForm) -> Iterator[str]:
    ids = ids_of(search.video_ids)
    first, last = search.first_day or study.start, search.last_day or study.end or date.max
    early = sum(first_day_of(video_id) < first for video_id in ids)
    late = sum(first_day_of(video_id) > last for video_id in ids)
    outside = [f"{early:,} before {first}"] * bool(early) + [f"{late:,} after {last}"] * bool(late)
    if outside:
        counts = f"{spoken(outside, last='and')}, of {counted(len(ids), 'id')}"
        yield f"{where}: ids outside the search's days are not requested: {counts}."


def _reserved_name(study: Study) -> Iterator[str]:
    if study.has_search(ONCE):
        yield (
            f"searches.{ONCE}: one-off commands such as `tt search` store their answers under this name, so they are "
            "refused in this data dir. Give the search another name; what was collected is kept."
        )


def _same_queries(study: Study) -> Iterator[str]:
    first: dict[str, str] = {}
    for search in study.searches:
        twin = first.setdefault(search.fingerprint, search.name)
        if twin != search.name:
            same = f"searches.{search.name}: is the same query as searches.{twin}"
            yield f"{same}; it is sent once, and its videos are stored under one of the names."


def _early_look(study: Study) -> Iterator[str]:
    first = study.looks[0]
    if first < _SHOWN_AFTER_DAYS:
        early = f"looks: {first} is early, because TikTok shows videos up to 48 hours late"
        yield f"{early}; {'only a later look finds' if study.looks[1:] else 'no later look will find'} the rest."


def _spending(study: Study) -> Iterator[str]:
    quota, comments = study.quota, study.comments
    if quota.requests_per_day > DAILY_REQUESTS[Bucket.MAIN]:
        granted = f"TikTok allows an organisation {DAILY_REQUESTS[Bucket.MAIN]:,} a day"
        yield f"quota.requests_per_day: {granted}; it refuses requests before {quota.requests_per_day:,} are sent."
    if quota.requests_per_second > REQUESTS_PER_SECOND:
        rate = f"TikTok allows {REQUESTS_PER_SECOND}; some of {quota.requests_per_second:g}"
        yield f"quota.requests_per_second: {rate} are refused and sent again."
    if comments.wanted and comments.after_days < study.looks[0]:
        yield (
            f"comments.after_days: {comments.after_days} is before the first look at {study.looks[0]} days; "
            "comments wait until their videos are found."
        )


_JUDGED_BY: Final[Mapping[ConditionField, frozenset[str]]] = MappingProxyType(
    {
        ConditionField.KEYWORD: frozenset({"video_description"}),
        ConditionField.HASHTAG_NAME: frozenset({"hashtag_names", "hashtag_info_list"}),
        ConditionField.EFFECT_ID: frozenset({"effect_ids", "effect_info_list"}),
        ConditionField.MUSIC_ID: frozenset({"music_id"}),
        ConditionField.REGION_CODE: frozenset({"region_code"}),
        ConditionField.VIDEO_LENGTH: frozenset({"video_duration"}),
        ConditionField.VIEW_COUNT: frozenset({"view_count"}),
    }
)
"""The fields of a video, of which one at least shows whether it meets a condition."""


def _privacy(form: StudyForm, study: Study) -> Iterator[str]:
    if not study.privacy.profiles and "users" in form.model_fields_set and form.users is not False:
        yield "privacy.profiles: false sends no request about a profile, so `users` has no effect."
    for search in study.searches:
        conditions = {condition.field for condition in search.query.conditions}
        for condition in sorted(conditions & _JUDGED_BY.keys()):
            if (fields := _JUDGED_BY[condition]) <= study.privacy.omitted:
                left_out = (
                    f"without {spoken(sorted(fields), last='and')} nobody sees whether a video has the {condition}"
                )
                yield f"privacy.omit_fields: {left_out} of searches.{search.name}; `matches` stays empty."


def _accounts(rules: AccountRules) -> Iterator[str]:
    if AccountList.FOLLOWERS in rules.lists and rules.max_per_list > MOST_FOLLOWERS:
        most = f"{MOST_FOLLOWERS:,}"
        yield f"accounts.max_per_list: TikTok returns about {most} followers of an account; others cannot be collected."
