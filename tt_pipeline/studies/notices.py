"""What is legal and yet worth a word: read otherwise than written, or hardly meant."""

from collections.abc import Iterator

from tt_pipeline.studies.forms import StudyForm
from tt_pipeline.studies.lint import hints_of
from tt_pipeline.studies.search_forms import ConditionsForm
from tt_pipeline.studies.study import Study
from tt_pipeline.studies.wording import LIST_KEYS, cleaned

_GRANTED_A_DAY = 1000
_SERVED_A_SECOND = 10


def notices_of(form: StudyForm, study: Study) -> Iterator[str]:
    """One sentence a notice, beginning with the path it is about."""
    for name, written in form.searches.items():
        yield from _readings(f"searches.{name}", written)
        if written.exclude:
            yield from _readings(f"searches.{name}.exclude", written.exclude)
    for search in study.searches:
        yield from (f"searches.{search.name}: {hint}" for hint in hints_of(search.query))
    yield from _same_questions(study)
    yield from _spending(study)


def _readings(where: str, form: ConditionsForm) -> Iterator[str]:
    for key, field in LIST_KEYS.items():
        changed = [(text, cleaned(field, text)) for text in getattr(form, key) if cleaned(field, text) != text.strip()]
        if changed:
            (written, read), more = changed[0], len(changed) - 1
            tail = f", and {more} more likewise" if more else ""
            yield f"{where}.{key}: {written!r} is read as {read}{tail}."


def _same_questions(study: Study) -> Iterator[str]:
    first: dict[str, str] = {}
    for search in study.searches:
        twin = first.setdefault(search.fingerprint, search.name)
        if twin != search.name:
            yield f"searches.{search.name}: asks the same as searches.{twin}; each is paid for."


def _spending(study: Study) -> Iterator[str]:
    quota, comments = study.quota, study.comments
    if quota.requests_per_day > _GRANTED_A_DAY:
        asked = f"{quota.requests_per_day:,}"
        yield f"quota.requests_per_day: TikTok grants an organisation {_GRANTED_A_DAY:,}; it will stop before {asked}."
    if quota.requests_per_second > _SERVED_A_SECOND:
        asked = f"{quota.requests_per_second:g}"
        yield f"quota.requests_per_second: TikTok serves {_SERVED_A_SECOND}; some of {asked} will be sent again."
    if comments.wanted and comments.after_days < study.looks[0]:
        yield (
            f"comments.after_days: {comments.after_days} is before the first look at {study.looks[0]} days; "
            "comments wait until their videos are found."
        )
