"""The sentences above the figures: each states the main numbers of its rows, with their units."""

from collections.abc import Sequence
from typing import Final

from tt_pipeline.counted import counted
from tt_pipeline.json_text import one_line
from tt_pipeline.query import spoken
from tt_pipeline.reports.study_report.facts import percent, shown
from tt_pipeline.reports.study_report.rows import Row, Rows

_MOST: Final = 3
_TENTH: Final = 0.1
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def named(name: object) -> str:
    """A name from outside in a sentence: one line, not long, and its direction of writing ends with it."""
    return f"\u2068{one_line(name, longest=40)}\u2069"


def by_search(sentences: Sequence[str]) -> str:
    """The first sentences, and how many more searches there are."""
    more = len(sentences) - _MOST
    return " ".join(sentences[:_MOST]) + (f" The table has {counted(more, 'more search')}." if more > 0 else "")


def coverage(rows: Rows) -> str:
    """How many of the due days are complete."""
    due = [row for row in rows.rows if row["status"] != "not_due"]
    all_days, complete = (
        sum(row["days"] for row in some) for some in (due, [r for r in due if r["status"] == "complete"])
    )
    if not all_days:
        return "No day of a search has reached its age yet."
    searches = counted(len({row["search"] for row in rows.rows}), "search")
    return (
        f"Of {counted(all_days, 'day')} of {searches} that have reached their age, {complete:,} "
        f"({percent(complete / all_days)}) are complete."
    )


def volume(rows: Rows) -> str:
    """The range of comparable days of each search."""
    sentences = []
    for search in dict.fromkeys(row["search"] for row in rows.rows):
        of_search = [row for row in rows.rows if row["search"] == search]
        fitting = [
            row["videos_fitting"] for row in of_search if row["is_comparable"] and row["videos_fitting"] is not None
        ]
        gaps = len(of_search) - len(fitting)
        days = (
            f"{min(fitting):,} to {max(fitting):,} fitting videos on {counted(len(fitting), 'day')}" if fitting else ""
        )
        not_comparable = f"{counted(gaps, 'day')} cannot be compared" if gaps else ""
        sentences.append(f"{named(search)}: {'; '.join(filter(None, [days, not_comparable]))}.")
    return by_search(sentences)


def draws(rows: Rows) -> str:
    """Drawn videos of each search."""
    sentences = []
    for search in dict.fromkeys(row["search"] for row in rows.rows):
        of_search = [row for row in rows.rows if row["search"] == search]
        drawn = sum(row["videos_drawn"] or 0 for row in of_search)
        sentences.append(f"{named(search)}: {counted(drawn, 'drawn video')} of {counted(len(of_search), 'day')}.")
    return by_search(sentences)


def ids(rows: Rows) -> str:
    """How many ids are still shown."""
    known = rows.total("ids") - rows.total("ids_unknown")
    gone = rows.total("ids_not_shown")
    share = f" ({percent(gone / known)})" if known else ""
    return f"Of {counted(known, 'id')} that were requested, {gone:,}{share} are not shown any more or never were."


def comments(rows: Rows) -> str:
    """Complete comments among all videos."""
    complete = sum(row["videos"] for row in rows.rows if row["status"] == "complete")
    held = counted(rows.total("comments"), "comment")
    return f"Comments of {complete:,} of {counted(rows.total('videos'), 'video')} are complete; {held} are collected."


def estimates(rows: Rows) -> str:
    """The estimates with their intervals."""
    phrases = [
        f"{shown(float(row['estimate']))} {row['quantity']} "
        f"(95 %: {shown(float(row['lower_95']))} to {shown(float(row['upper_95']))})"
        for row in rows.rows
    ]
    return f"Estimated for all videos that could be drawn: {spoken(phrases, last='and')}."


def pair(row: Row) -> str:
    """A search and the ages of two looks: `climate: day 3–8 to 12–17`."""
    ages = [f"{row[f'{look}_age_days_min']:.0f}–{row[f'{look}_age_days_max']:.0f}" for look in ("from", "to")]
    return f"{one_line(row['search'], longest=24)}: day {ages[0]} to {ages[1]}"


def growth(rows: Rows) -> str:
    """Median growth of the first pair of each search."""
    first = [row for row in rows.rows if row["observation_number"] == 1]
    sentences = [
        f"{named(row['search'])}: half of {counted(row['videos'], 'video')} gained "
        f"{counted(round(row['view_growth_median']), 'view')} or more from the first to the second look."
        for row in first
    ]
    return by_search(sentences)


def quota(rows: Rows) -> str:
    """Requests, wasted and empty ones."""
    requests, wasted, empty = (rows.total(name) for name in ("requests", "requests_wasted", "requests_empty"))
    return (
        f"{counted(requests, 'request', 'were')} charged on "
        f"{counted(len({r['quota_date'] for r in rows.rows}), 'UTC day')}; "
        f"{wasted:,} ended with an error or a refusal, and {empty:,} returned no record."
    )


def hashtags(rows: Rows) -> str:
    """The most frequent hashtag."""
    first = rows.rows[0]
    return (
        f"Most frequent is {named(first['hashtag'])}, on {counted(first['videos'], 'video')} "
        f"({percent(first['share_of_videos'])} of those that fit)."
    )


def ranked(rows: Rows, *, noun: str) -> str:
    """The number of videos of the first of a ranking."""
    first = rows.rows[0]
    return (
        f"The {noun} with most videos has {counted(first['videos'], 'video')}; the table has the first "
        f"{len(rows.rows)}."
    )


def effects(rows: Rows) -> str:
    """The most frequent effect."""
    first = rows.rows[0]
    return f"Most frequent is {named(first['effect_name'])}, on {counted(first['videos'], 'video')}."


def hours(rows: Rows) -> str:
    """The hour of the week with most videos, of searches that list all videos and of samples."""
    sentences = []
    for kind, noun in (("list", "searches that list all videos"), ("sample", "random samples")):
        of_kind = [row for row in rows.rows if row["kind"] == kind]
        if of_kind:
            most = max(of_kind, key=lambda row: row["videos"])
            begins = f"{_DAYS[most['weekday'] - 1]} {most['hour']:02d}:00"
            sentences.append(
                f"Of {noun}, the hour with most videos begins on {begins} and has {counted(most['videos'], 'video')}."
            )
    return " ".join(sentences)


def _last_by_search(rows: Rows) -> list[Row]:
    return list({row["search"]: row for row in rows.rows}.values())


def concentration(rows: Rows) -> str:
    """The share of the most seen tenth of each search."""
    sentences = []
    for search in dict.fromkeys(row["search"] for row in rows.rows):
        tenth = next(row for row in rows.rows if row["search"] == search and row["share_of_videos"] >= _TENTH)
        sentences.append(
            f"{named(search)}: the most seen {percent(tenth['share_of_videos'])} of the videos have "
            f"{percent(tenth['share_of_views'])} of all views."
        )
    return by_search(sentences)


def videos_of_curves(rows: Rows) -> str:
    """Videos of all curves."""
    return counted(sum(row["videos"] for row in _last_by_search(rows)), "video")


def survival(rows: Rows) -> str:
    """The share that is left at the end of each curve."""
    sentences = [
        f"{named(row['search'])}: {percent(row['share_left'])} of the videos are still returned after "
        f"{row['days']:.1f} days (95 %: {percent(row['lower_95'])} to {percent(row['upper_95'])})."
        for row in _last_by_search(rows)
    ]
    return by_search(sentences)


def videos_at_risk(rows: Rows) -> str:
    """Videos at the beginning of all curves."""
    first: dict[str, int] = {}
    for row in rows.rows:
        first.setdefault(row["search"], row["videos_at_risk"])
    return counted(sum(first.values()), "video")


def hidden(rows: Rows) -> str:
    """The share of hidden slots in all windows."""
    slots, without = rows.total("slots"), rows.total("hidden")
    return (
        f"Of {counted(slots, 'slot')} in {counted(len(rows.rows), 'window')}, {without:,} "
        f"({percent(without / slots)}) are hidden."
    )


def network(rows: Rows) -> str:
    """The search and its strongest pair."""
    first = rows.rows[0]
    return (
        f"In {named(first['search'])}, {named(first['hashtag'])} and {named(first['other_hashtag'])} are "
        "the surest pair: "
        f"{counted(first['videos'], 'video')} have both (NPMI {first['npmi']:.2f})."
    )


def threads(rows: Rows) -> str:
    """The share of threads with a reply."""
    all_threads = rows.total("threads")
    answered = all_threads - sum(row["threads"] for row in rows.rows if row["replies"] == "0")
    return f"{answered:,} of {counted(all_threads, 'thread')} ({percent(answered / all_threads)}) have a reply."


def regions(rows: Rows) -> str:
    """The most frequent region of each search."""
    first: dict[str, Row] = {}
    for row in rows.rows:
        first.setdefault(row["search"], row)
    return by_search(
        [
            f"{named(s)}: {row['region_code']} has {percent(row['share_of_videos'])} of the videos."
            for s, row in first.items()
        ]
    )


def labels(rows: Rows) -> str:
    """The share of videos with a transcript."""
    return by_search(
        [
            f"{named(row['search'])}: {percent(row['share_of_videos'])} of "
            f"{counted(row['videos'], 'video')} have a transcript."
            for row in rows.rows
            if row["field"] == "transcript"
        ]
    )


def people(rows: Rows) -> str:
    """Returned profiles among requested ones, and renames."""
    numbers = {row["result"]: row["accounts"] for row in rows.rows}
    all_profiles = sum(number for result, number in numbers.items() if result != "renamed")
    renames = f" {counted(numbers['renamed'], 'creator')} changed their handle." if numbers.get("renamed") else ""
    return f"{numbers.get('profile complete', 0):,} of {counted(all_profiles, 'profile')} were returned.{renames}"


def lists(rows: Rows) -> str:
    """Lists and the entries that came and went."""
    return (
        f"{counted(len({row['list'] for row in rows.rows}), 'kind')} of lists were observed; since the look before, "
        f"{rows.total('entries_new'):,} entries came and {rows.total('entries_vanished'):,} went."
    )


def health(rows: Rows) -> str:
    """Requests without an answer of success."""
    failed = sum(row["requests"] for row in rows.rows if row["answer"] != "ok")
    total = rows.total("requests")
    return (
        f"{failed:,} of {counted(total, 'request')} ({percent(failed / total)}) ended with an error, a "
        "refusal or no answer."
    )


def duties(rows: Rows) -> str:
    """Overdue and missing items."""
    items, overdue, missing = (rows.total(name) for name in ("items", "overdue", "missing"))
    return (
        f"The checks of {overdue:,} of {counted(items, 'stored item')} are overdue; checks have missed "
        f"{missing:,} others."
    )


def deletions(rows: Rows) -> str:
    """How much was deleted."""
    return f"{counted(rows.total('deletions'), 'item', 'were')} deleted."
