"""Parse the options of `tt collect`; errors say what to write instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tt_pipeline.codebook.datasets import OF_FOUND_VIDEOS
from tt_pipeline.coverage import Window, asset_of, list_of
from tt_pipeline.errors import UsageError
from tt_pipeline.studies import Study, find_search
from tt_pipeline.vocabulary import AccountList

ASSETS = ("videos", *OF_FOUND_VIDEOS, *AccountList)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectOptions:
    """The options of `tt collect` as written."""

    from_: str | None = None
    to: str | None = None
    searches: Sequence[str] = ()
    only: str | None = None
    again: bool = False
    yes: bool = False
    limit: int | None = None
    accepts_key: bool = False


def window(options: CollectOptions, study: Study, now: datetime) -> Window | None:
    """The days that the options name; None for everything that is due.

    Raises:
        UsageError: The options contradict each other or the study.
    """
    for name in options.searches:
        find_search(study, name)
    is_of_lists = all(map(list_of, assets(options.only, options.searches, study)))
    if options.from_ is None and options.to is None:
        if options.searches or ((options.only or options.again) and not is_of_lists):
            raise UsageError(
                "--search, --only and --again need --from and --to; without days, everything that is due is collected. "
                "Only lists of accounts can be named without days: they are observed now."
            )
        return None
    if options.from_ is None or options.to is None:
        raise UsageError("--from and --to must both be given; for a single day, write it in both.")
    return span(options.from_, options.to, study=study, now=now, is_of_lists=is_of_lists)


def span(from_: str, to: str, *, study: Study, now: datetime, is_of_lists: bool = False) -> Window:
    """The window from the first to the last day.

    Args:
        is_of_lists: The days are days of observation: today is allowed, and the study's end does not matter.

    Raises:
        UsageError: A text is not a date, or the days are reversed, outside the study or not past; for lists: not today.
    """
    first_day, last_day = day("--from", from_), day("--to", to)
    if first_day > last_day:
        raise UsageError(f"--from {first_day} is after --to {last_day}.")
    today = now.astimezone(UTC).date()
    if is_of_lists and last_day > today:
        raise UsageError(f"--to {last_day} is in the future: today is {today} UTC.")
    if is_of_lists and last_day < today:
        raise UsageError(
            f"--to {last_day} is in the past, but lists can only be observed as they are now: leave out --from and "
            "--to to observe those that are due."
        )
    if not is_of_lists and last_day >= today:
        raise UsageError(f"--to {last_day} has not ended: the last complete UTC day is {today - timedelta(days=1)}.")
    if first_day < study.first_day or (not is_of_lists and study.last_day and last_day > study.last_day):
        raise UsageError(
            f"{first_day}..{last_day} is not within the study, which covers {study.first_day} "
            f"to {study.last_day or 'now'}; change start or end in {study.file}."
        )
    return Window(first_day=first_day, last_day=last_day)


def day(option: str, text: str) -> date:
    """A UTC day written YYYY-MM-DD.

    Raises:
        UsageError: The text is not a date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a day of the calendar; write it like 2026-10-01.") from None


def assets(only: str | None, searches: Sequence[str], study: Study) -> tuple[str, ...]:
    """The requested assets.

    Raises:
        UsageError: A name is unknown, or the study does not observe a list.
    """
    # Comments and creators belong to the videos of all searches, so --search selects only videos.
    default = ["videos"] if searches else ["videos", *study.collects]
    kinds = [kind.strip() for kind in only.split(",")] if only else default
    for kind in kinds:
        if kind not in ASSETS:
            raise UsageError(f"--only {kind!r} is unknown; use {', '.join(ASSETS)}.")
    names = searches or [search.name for search in study.searches]
    videos = [f"videos/{name}" for name in names] if "videos" in kinds else []
    of_videos = [asset for asset in OF_FOUND_VIDEOS if asset in kinds]
    return (
        *videos,
        *of_videos,
        *(_observed(account_list, study) for account_list in AccountList if account_list in kinds),
    )


def _observed(account_list: AccountList, study: Study) -> str:
    if not study.accounts or account_list not in study.accounts.lists:
        raise UsageError(
            f"--only {account_list}: {study.file} does not observe {account_list}; add it to accounts.lists."
        )
    return asset_of(account_list)
