"""The limitations that apply to a study: each is a rule over its facts, and a sentence with number, unit and date."""

from collections.abc import Callable, Iterator
from typing import Final

from tt_pipeline.counted import counted
from tt_pipeline.reports.study_report.facts import Facts, number, percent
from tt_pipeline.reports.study_report.rows import PublishedStudy

Rule = Callable[[Facts], str | None]


def limitations(study: PublishedStudy, facts: Facts) -> list[str]:
    """One sentence for each limitation that applies, the most important first."""
    day = f"{study.published_at:%Y-%m-%d}"
    return [*_of_facts(facts, day), *_of_breaks(study, facts), *_always()]


def _of_facts(facts: Facts, day: str) -> Iterator[str]:
    for rule in _RULES:
        if found := rule(facts):
            yield f"By {day} (UTC), {found}"


def _incomplete(facts: Facts) -> str | None:
    due, complete = number(facts, "search_days"), number(facts, "complete_search_days")
    missing = counted(due - complete, "day", "were")
    of_all = f"of the {counted(due, 'day')} of searches that had reached their age"
    return f"{missing} {of_all} not complete, so these days have too few videos." if complete < due else None


def _capped(facts: Facts) -> str | None:
    days = number(facts, "capped_days")
    return (
        f"{counted(days, 'day', 'were')} cut off at a cap and have only the newest videos of the day." if days else None
    )


def _sampled(facts: Facts) -> str | None:
    searches = number(facts, "sampled_searches")
    drawn = f"{counted(searches, 'search')} drew random samples"
    return f"{drawn}, whose number of videos is the size of the sample and no volume." if searches else None


def _not_fitting(facts: Facts) -> str | None:
    videos, fitting = number(facts, "videos"), number(facts, "fitting_videos")
    if videos <= fitting:
        return None
    share = percent((videos - fitting) / videos)
    return (
        f"{counted(videos - fitting, 'video')} ({share} of those found) did not fit the query; they are "
        "left out where a number is of videos that fit."
    )


def _edited(facts: Facts) -> str | None:
    versions, videos = number(facts, "earlier_versions"), number(facts, "earlier_videos")
    if not versions:
        return None
    edited = f"{counted(versions, 'earlier version')} of queries had been sent"
    return f"{edited}; {counted(videos, 'video')} that only these found are not counted."


def _hidden(facts: Facts) -> str | None:
    share = facts["hidden_share"].value
    return (
        f"the API had not filled {percent(share)} of the slots that it counted: deleted, private or "
        "withheld videos are missing."
        if share
        else None
    )


def _gone(facts: Facts) -> str | None:
    gone, looked_for = number(facts, "gone_videos"), number(facts, "looked_for_videos")
    return (
        f"{counted(gone, 'video', 'were')} no longer returned, of {counted(looked_for, 'video')} that a "
        "later look could have returned."
        if gone
        else None
    )


def _one_look(facts: Facts) -> str | None:
    looks = number(facts, "looks_planned")
    return (
        "each day was planned to be collected once (1 look), so nothing shows how counts grow and which videos vanish."
        if looks == 1
        else None
    )


def _drawn(facts: Facts) -> str | None:
    drawn = number(facts, "drawn_videos")
    return (
        f"comments had been requested for a random sample of {counted(drawn, 'video')}; only weighted "
        "numbers stand for all videos."
        if drawn
        else None
    )


def _renamed(facts: Facts) -> str | None:
    renames = number(facts, "renames")
    return (
        f"{counted(renames, 'creator', 'were')} known to have changed their handle; other changes are not "
        "known, and then one person counts as two creators."
        if renames
        else None
    )


def _refused(facts: Facts) -> str | None:
    refused = number(facts, "refused_profiles")
    return f"{counted(refused, 'profile', 'were')} refused, private or not found." if refused else None


def _listed(facts: Facts) -> str | None:
    accounts = number(facts, "observed_accounts")
    return (
        f"lists of {counted(accounts, 'account')} had been observed; of large accounts the API returns only "
        "the latest followers."
        if accounts
        else None
    )


def _once(facts: Facts) -> str | None:
    videos = number(facts, "once_videos")
    return (
        f"{counted(videos, 'video')} in the file had been found only by one-off searches; no number of the "
        "study counts them."
        if videos
        else None
    )


def _unread(facts: Facts) -> str | None:
    pages = number(facts, "unread_pages")
    return f"{counted(pages, 'answer')} could not be read completely, and their records are missing." if pages else None


def _overdue(facts: Facts) -> str | None:
    items = number(facts, "overdue_checks")
    return (
        f"the checks of {counted(items, 'stored item', 'were')} overdue, so videos that were deleted on "
        "TikTok can still be counted."
        if items
        else None
    )


def _failed(facts: Facts) -> str | None:
    checks = number(facts, "failed_checks")
    return f"{counted(checks, 'check')} of the data had failed." if checks else None


_RULES: Final[tuple[Rule, ...]] = (
    _incomplete,
    _failed,
    _capped,
    _sampled,
    _not_fitting,
    _edited,
    _hidden,
    _gone,
    _one_look,
    _drawn,
    _renamed,
    _refused,
    _listed,
    _once,
    _unread,
    _overdue,
)


def _of_breaks(study: PublishedStudy, facts: Facts) -> Iterator[str]:
    """The known breaks that the days of posting or of requests of the study reach."""
    spans = {
        "posted": (facts["first_day"].value, facts["last_day"].value),
        "fetched": tuple(facts[name].value and facts[name].value.date() for name in ("first_request", "last_request")),
    }
    for row in study.rows_of("known_breaks").rows:
        first, last = spans[row["axis"]]
        # A change that lasts concerns a study that has days on both sides of it; a bad time one that has days in it.
        begins_within = first and first < row["from_date"] <= last
        if begins_within or (first and row["to_date"] and first <= row["to_date"] and last >= row["from_date"]):
            until = f" to {row['to_date']}" if row["to_date"] else " on"
            days = "posting" if row["axis"] == "posted" else "requests"
            yield f"Days of {days} from {row['from_date']}{until}: {row['what']} Source: {row['source']}."


def _always() -> Iterator[str]:
    yield (
        "The API returns public videos of adults, and counts that can be up to 10 days older than the request (as "
        "documented on 2026-11-20)."
    )
    yield "A region is that in which an account registered, not that in which a video was made."
