"""The limitations that apply to a study: each is a rule over its facts, and a sentence with number and unit."""

from collections.abc import Callable, Iterator
from typing import Final

from tt_pipeline.counted import counted
from tt_pipeline.reports.study_report.facts import Facts, number, percent
from tt_pipeline.reports.study_report.rows import PublishedStudy

Rule = Callable[[Facts], str | None]


def limitations(study: PublishedStudy, facts: Facts) -> list[str]:
    """One sentence for each limitation that applies, the most important first; `as_published` has their date."""
    return [*_of_facts(facts), *_of_breaks(study, facts), *_always()]


def as_published(study: PublishedStudy) -> str:
    """The sentence with the date of all numbers."""
    return f"All numbers are those of the data as published on {study.published_at:%Y-%m-%d} (UTC)."


def _of_facts(facts: Facts) -> Iterator[str]:
    for rule in _RULES:
        if found := rule(facts):
            yield f"{found[:1].upper()}{found[1:]}"


def _incomplete(facts: Facts) -> str | None:
    due, complete = number(facts, "search_days"), number(facts, "complete_search_days")
    missing = counted(due - complete, "day", "were")
    of_all = f"of {counted(due, 'day')} of searches that had reached their age"
    return f"{of_all}, {missing} not complete, so these have too few videos." if complete < due else None


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


def _counted_fact(name: str, sentence: Callable[[int], str]) -> Rule:
    """A rule about one number, which applies if it is not 0."""

    def rule(facts: Facts) -> str | None:
        found = number(facts, name)
        return sentence(found) if found else None

    return rule


_RULES: Final[tuple[Rule, ...]] = (
    _incomplete,
    _counted_fact("failed_checks", lambda checks: f"{counted(checks, 'check')} of the data had failed."),
    _counted_fact(
        "capped_days",
        lambda days: f"{counted(days, 'day', 'were')} cut off at a cap and have only the newest videos of the day.",
    ),
    _counted_fact(
        "sampled_searches",
        lambda searches: (
            f"{counted(searches, 'search')} drew random samples, whose number of videos is the size of the sample and"
            " no volume."
        ),
    ),
    _not_fitting,
    _edited,
    _hidden,
    _gone,
    _one_look,
    _counted_fact(
        "drawn_videos",
        lambda videos: (
            f"comments had been requested for a random sample of {counted(videos, 'video')}; only weighted numbers"
            " stand for all videos."
        ),
    ),
    _counted_fact(
        "renames",
        lambda creators: (
            f"{counted(creators, 'creator', 'were')} known to have changed their handle; other changes are not known,"
            " and then one person counts as two creators."
        ),
    ),
    _counted_fact(
        "refused_profiles",
        lambda profiles: f"{counted(profiles, 'profile', 'were')} refused, private or not found.",
    ),
    _counted_fact(
        "observed_accounts",
        lambda accounts: (
            f"lists of {counted(accounts, 'account')} had been observed; of large accounts the API returns only the"
            " latest followers."
        ),
    ),
    _counted_fact(
        "once_videos",
        lambda videos: (
            f"{counted(videos, 'video')} in the file had been found only by one-off searches; no number of the study"
            " counts them."
        ),
    ),
    _counted_fact(
        "unread_pages",
        lambda answers: f"{counted(answers, 'answer')} could not be read completely, and their records are missing.",
    ),
    _counted_fact(
        "overdue_checks",
        lambda items: (
            f"the checks of {counted(items, 'stored item', 'were')} overdue, so videos that were deleted on TikTok can"
            " still be counted."
        ),
    ),
)
"""The most important first."""


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
