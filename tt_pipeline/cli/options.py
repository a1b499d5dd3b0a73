"""Options as people write them become values, or an error that says what would have been right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tt_pipeline.coverage import Window, asset_of, list_of
from tt_pipeline.errors import UsageError
from tt_pipeline.studies import Study, find_search
from tt_pipeline.vocabulary import AccountList

ASSETS = ("videos", "comments", "users", *AccountList)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectOptions:
    """What stands on the command line of `tt collect`."""

    from_: str | None = None
    to: str | None = None
    searches: Sequence[str] = ()
    only: str | None = None
    again: bool = False


def window(options: CollectOptions, study: Study, now: datetime) -> Window | None:
    """The days that the options name; None means what is due.

    Raises:
        UsageError: The options do not fit together, or not the study.
    """
    for name in options.searches:
        find_search(study, name)
    is_of_lists = all(map(list_of, assets(options.only, options.searches, study)))
    if options.from_ is None and options.to is None:
        if options.searches or ((options.only or options.again) and not is_of_lists):
            raise UsageError(
                "--search, --only and --again go with --from and --to; without days, what is due is done. "
                "Only lists of accounts can be named without days: they are observed now."
            )
        return None
    if options.from_ is None or options.to is None:
        raise UsageError("--from and --to go together; for one day give it twice.")
    return span(options.from_, options.to, study=study, now=now, is_of_lists=is_of_lists)


def span(from_: str, to: str, *, study: Study, now: datetime, is_of_lists: bool = False) -> Window:
    """The days from one to the other.

    Args:
        is_of_lists: They are days of observation: today is one, and the study's end is none.

    Raises:
        UsageError: A date is none, they are the wrong way round, outside the study or the past, or of lists: not today.
    """
    first_day, last_day = day("--from", from_), day("--to", to)
    if first_day > last_day:
        raise UsageError(f"--from {first_day} is after --to {last_day}.")
    today = now.astimezone(UTC).date()
    if is_of_lists and last_day > today:
        raise UsageError(f"--to {last_day} has not come: today is {today} UTC.")
    if is_of_lists and last_day < today:
        raise UsageError(
            f"--to {last_day} has passed, and a list shows the present alone: leave --from and --to away, "
            "and what is due of it is observed now."
        )
    if not is_of_lists and last_day >= today:
        raise UsageError(f"--to {last_day} has not ended: the last whole UTC day is {today - timedelta(days=1)}.")
    if first_day < study.first_day or (not is_of_lists and study.last_day and last_day > study.last_day):
        raise UsageError(
            f"{first_day}..{last_day} leaves the study, which goes from {study.first_day} "
            f"to {study.last_day or 'now'}; change start or end in {study.file}."
        )
    return Window(first_day=first_day, last_day=last_day)


def day(option: str, text: str) -> date:
    """A UTC day written YYYY-MM-DD.

    Raises:
        UsageError: It is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r} is no date; write it like 2026-10-01.") from None


def assets(only: str | None, searches: Sequence[str], study: Study) -> tuple[str, ...]:
    """Which assets are asked for.

    Raises:
        UsageError: A name is unknown, or a list that the study does not observe.
    """
    # Comments and creators belong to the videos of all searches; whoever names a search means its videos.
    unasked = ["videos"] if searches else _wanted(study)
    kinds = [kind.strip() for kind in only.split(",")] if only else unasked
    for kind in kinds:
        if kind not in ASSETS:
            raise UsageError(f"--only {kind!r} is unknown; use {', '.join(ASSETS)}.")
    names = searches or [search.name for search in study.searches]
    videos = [f"videos/{name}" for name in names] if "videos" in kinds else []
    of_videos = [kind for kind in ("comments", "users") if kind in kinds]
    return (
        *videos,
        *of_videos,
        *(_observed(account_list, study) for account_list in AccountList if account_list in kinds),
    )


def _observed(account_list: AccountList, study: Study) -> str:
    if not study.accounts or account_list not in study.accounts.lists:
        raise UsageError(f"--only {account_list}: {study.file} observes no {account_list}; name it in accounts.lists.")
    return asset_of(account_list)


def _wanted(study: Study) -> list[str]:
    return [
        "videos",
        *(["comments"] if study.comments.wanted else []),
        *(["users"] if study.users.wanted else []),
    ]
