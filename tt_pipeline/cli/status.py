"""`tt status`: quota, running processes, due work, coverage and publication on one screen, in at most 80 columns."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from rich.text import Text

from tt_pipeline.cli.console import OUT, heading, problem, say, write_for_programs
from tt_pipeline.cli.status_report import DAYS_SHOWN, status_report
from tt_pipeline.cli.status_values import CoverageStatus, DueStatus, StatusReport
from tt_pipeline.codebook.statuses import MARKS
from tt_pipeline.counted import counted
from tt_pipeline.coverage import Window, open_workspace
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import Dataset, SearchStatus

_STYLES: Final = {
    SearchStatus.COMPLETE: "green",
    SearchStatus.SUSPICIOUS: "red",
    SearchStatus.UNAVAILABLE: "red",
    SearchStatus.NEVER_ASKED: "red",
}
_MARKS: Final = {status: Text(mark, style=_STYLES.get(status, "yellow")) for status, mark in MARKS.items()}
_ONE_OFF: Final = {Dataset.VIDEOS: "searches", Dataset.COMMENTS: "videos (comments)"}
"""What one-off collections of a dataset are about; of all others, accounts."""
_MOST_LINES: Final = 10
_LONGEST_NAME: Final = 22
_LEGEND: Final = (
    "● complete  ◒ capped  ◐ early  ‖ paused  ◑ partial  ○ query was edited\n"
    "✗ unavailable  ? no videos found, doubtful  · never asked"
)


def show_status(settings: Settings, *, as_json: bool = False, of_ledger: bool = False) -> None:
    """Print the state of the data dir.

    Args:
        settings: The data dir.
        as_json: Print the whole report as JSON instead.
        of_ledger: Print only the studies that share the ledger, and what each has sent today.
    """
    with open_workspace(settings) as workspace:
        report = status_report(settings, workspace)
    if as_json:
        write_for_programs(report.model_dump_json(indent=2) + "\n")
        return
    OUT.print(Text(report.study, style="bold") + Text(f" ({report.study_file})"))
    if settings.files.ended.exists():
        say(f"This study was ended, and its data was deleted; the certificate is in {settings.files.deletions}.")
        return
    _show_running(report)
    _show_quota(report)
    if of_ledger:
        _show_ledger(report, f"{settings.ledger_place}")
        return
    _show_due(report)
    _show_unconfirmed(report)
    _show_unreadable(report)
    _show_unfinished(report)
    _show_coverage(report)
    _show_bad_days(report)
    _show_one_offs(report)
    _show_checks(report)
    _show_published(report)


def _show_running(report: StatusReport) -> None:
    if not report.running:
        return
    heading("Running now")
    for each in report.running:
        _say(f"process {each.pid}, since {_instant(each.since)}: {each.what}")


def _show_quota(report: StatusReport) -> None:
    heading("Quota today (UTC)")
    if not report.has_client_key:
        _say("TT_CLIENT_KEY is not set. Requests are counted for each key, so none are shown.")
        return
    for quota in report.quota:
        _say(f"{quota.bucket}: {quota.sentence}; resets {_instant(quota.opens_at)}")
        if quota.spent_by_others:
            _say(
                f"  The server refused the next one, so others of your organisation have used about "
                f"{quota.spent_by_others:,} today"
            )
        if quota.counted_again:
            again = counted(quota.counted_again, "request", "were")
            _say(f"{again} counted again from landed pages, because the ledger had lost them")
    if len({each.study for each in report.ledger}) > 1:
        _say(f"Of these, {_own(report)} are of this study; `tt status --ledger` shows the others.")


def _own(report: StatusReport) -> str:
    """The requests of this study by quota, as in `3 (main) and 12 (social)`; other studies have the rest."""
    own = [each for each in report.ledger if each.study == report.study]
    return " and ".join(f"{each.requests:,} ({each.bucket})" for each in own) or "none"


def _show_ledger(report: StatusReport, file: str) -> None:
    heading(f"Requests of today by study ({file})")
    for each in report.ledger:
        mark = " (this study)" if each.study == report.study else ""
        _say(f"{each.requests:>7,} {each.bucket:<6}  {each.study}{mark}, last at {_instant(each.last_at)}")
    if not report.ledger:
        _say("none")


def _show_due(report: StatusReport) -> None:
    now = [work for work in report.due if work.waits_until is None]
    heading("Due now, most urgent first (run `tt collect`)")
    _show_lines([_line(work) for work in now] or ["nothing"])
    for until in sorted({work.waits_until for work in report.due if work.waits_until}):
        heading(f"Due, but waiting for the quota until {_instant(until)}")
        _show_lines([_line(work) for work in report.due if work.waits_until == until])


def _line(work: DueStatus) -> str:
    return f"{work.asset} {Window(first_day=work.first_day, last_day=work.last_day)}: {work.reason}"


def _show_lines(lines: Sequence[str]) -> None:
    for line in lines[:_MOST_LINES]:
        _say(line)
    if len(lines) > _MOST_LINES:
        _say(f"and {len(lines) - _MOST_LINES} more")


def _show_unconfirmed(report: StatusReport) -> None:
    if not report.unconfirmed:
        return
    heading("Waiting for your yes (`tt collect` asks, `tt collect --yes` agrees)")
    for each in report.unconfirmed:
        _say(each.sentence)
    _say(f"This is more than quota.confirm_above ({report.confirm_above:,}) of the study.")


def _show_unreadable(report: StatusReport) -> None:
    """Print which landed files cannot be read; what may be in them is not due."""
    if not report.unreadable:
        return
    heading("Landed, but cannot be read; not requested again")
    _show_lines(report.unreadable)
    _say("Make them readable (chmod u+rwX), or move them out of the landing folder to request their pages again.")


def _show_unfinished(report: StatusReport) -> None:
    """Print work that was started and not finished, and when it continues."""
    if not report.unfinished:
        return
    heading("Started, not finished")
    for each in report.unfinished:
        until = f"until {_instant(each.waits_until)}" if each.waits_until else "continues at the next collection"
        _say(f"{each.asset}: {each.what}, {until}")


def _show_coverage(report: StatusReport) -> None:
    if not (report.coverage_from and report.coverage_to):
        return
    heading(f"Coverage {report.coverage_from} to {report.coverage_to}{_cut(report)}")
    width = min(_LONGEST_NAME, max(len(_name(row)) for row in report.coverage))
    for row in report.coverage:
        name = _name(row)
        shown = name if len(name) <= width else f"{name[: width - 1]}…"
        OUT.print(Text.assemble(f"{shown:<{width}} ", *(_MARKS[status] for status in row.days), f" {_share(row)}"))
    OUT.print(_LEGEND, style="dim")
    if later := [f"{_name(row)} {row.days_before_last_look}" for row in report.coverage if row.days_before_last_look]:
        _say(f"Complete days whose last look is still to come: {', '.join(later)}. Their numbers can change.")
    _show_edited(report)
    for row in report.coverage:
        if row.refused:
            _say(f"{row.asset}: TikTok shows no profile of {counted(row.refused, 'account')} (not found or refused).")


def _show_edited(report: StatusReport) -> None:
    """Print what an edit of a query means for the numbers above."""
    edited = {row: row.days.count(SearchStatus.OUTDATED) for row in report.coverage}
    for row, days in edited.items():
        if days:
            _say(
                f"{_name(row)}: the query was edited. Of {counted(days, 'day')} there are only videos of an earlier "
                "query; they are kept, and the days count as not collected."
            )
    if any(edited.values()) and any(row.subjects is not None for row in report.coverage):
        _say("Rows of comments and users count what the present queries have found.")


def _cut(report: StatusReport) -> str:
    return f" (the last {DAYS_SHOWN} days)" if _is_cut(report.coverage_from, report.coverage_to) else ""


def _is_cut(first: date | None, last: date | None) -> bool:
    return bool(first and last and (last - first).days + 1 == DAYS_SHOWN)


def _name(row: CoverageStatus) -> str:
    return row.asset.removeprefix("videos/")


def _share(row: CoverageStatus) -> str:
    if row.subjects is not None and row.missing is not None:
        return f"{row.subjects - row.missing:,} of {row.subjects:,}"
    return f"{row.complete_days:,} of {counted(row.due_days, 'day')}"


def _show_bad_days(report: StatusReport) -> None:
    if not report.bad_days:
        return
    heading("Days that lack something")
    lines = [
        f"{each.search} {Window(first_day=each.first_day, last_day=each.last_day)}: {each.status}: {each.reason}"
        for each in report.bad_days
    ]
    _show_lines(lines)


def _show_one_offs(report: StatusReport) -> None:
    if not report.one_offs:
        return
    heading("One-off collections, which the study does not count")
    for each in report.one_offs:
        what = _ONE_OFF.get(each.dataset, f"accounts ({each.dataset})")
        _say(f"{what}: {each.subjects:,}, the last at {_instant(each.last_at)}")


def _show_checks(report: StatusReport) -> None:
    """Print how much has to be checked, and when; TikTok's terms demand it."""
    if not report.checks:
        return
    heading("Checks of what is stored (`tt refresh`)")
    for each in report.checks:
        _say(each.summary)
        for sentence in each.sentences:
            problem(sentence)


def _show_published(report: StatusReport) -> None:
    heading("Published")
    published = report.published
    if published.problem:
        problem(published.problem)
        _say("The next collection or `tt rebuild` replaces it.")
    elif published.is_missing:
        _say(f"{published.file} is missing; the next collection or `tt rebuild` makes it again.")
    elif published.published_at is None:
        _say(f"nothing yet; the first collection creates {published.file}")
    else:
        rows = ", ".join(
            counted(published.rows[table], table.removesuffix("s")) for table in ("videos", "comments", "users")
        )
        _say(f"{published.file}: {rows}")
        _say(f"published at {_instant(published.published_at)}")
        if published.one_off_videos:
            _say(f"{counted(published.one_off_videos, 'video', 'were')} found by one-off searches alone.")
        if published.is_before_edit:
            _say(
                "It was published before the study was edited, so its statuses are of the earlier queries. The next "
                "collection publishes it again."
            )


def _say(text: str) -> None:
    """Print a line of the answer; further lines of it are indented on the screen."""
    say(text, hang=2)


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
