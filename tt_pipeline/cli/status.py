"""`tt status`: quota, due work, coverage and publication on one screen."""

from rich.table import Table
from rich.text import Text

from tt_pipeline.cli.console import OUT, heading, problem, say
from tt_pipeline.coverage import (
    StudyCoverage,
    Workspace,
    asset_of,
    days_between,
    due,
    open_workspace,
    quota_bucket,
    unfinished_work,
)
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.reports import published_at, published_counts
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import Bucket, SearchStatus

_MOST_DAYS = 30
_MARKS = {
    SearchStatus.COMPLETE: Text("●", style="green"),
    SearchStatus.EARLY: Text("◐", style="yellow"),
    SearchStatus.PARTIAL: Text("◑", style="yellow"),
    SearchStatus.CAPPED: Text("◒", style="yellow"),
    SearchStatus.SUSPICIOUS: Text("?", style="red"),
    SearchStatus.PAUSED: Text("‖", style="yellow"),
    SearchStatus.OUTDATED: Text("○", style="yellow"),
    SearchStatus.UNAVAILABLE: Text("✗", style="red"),
    SearchStatus.NEVER_ASKED: Text("·", style="red"),
    SearchStatus.NOT_DUE: Text(" "),
    SearchStatus.OUTSIDE: Text(" "),
}
_MOST_WORK = 10
_LEGEND = (
    "● complete  ◒ capped  ◐ early  ‖ paused  ◑ partial  ○ query was edited\n"
    "✗ unavailable  ? no videos found, doubtful  · never asked"
)


def show_status(settings: Settings) -> None:
    """Print the quota, what is due, what is paused, the coverage of the last days and the last publication."""
    with open_workspace(settings) as workspace:
        OUT.print(Text(workspace.study.title, style="bold") + Text(f" ({workspace.study.file})"))
        _show_quota(workspace, has_key=bool(settings.client_key.get_secret_value()))
        coverage = workspace.coverage()
        _show_due(coverage)
        _show_unreadable(coverage)
        _show_paused(workspace, coverage)
        _show_coverage(coverage)
    _show_published(settings)


def _show_quota(workspace: Workspace, *, has_key: bool) -> None:
    heading("Quota today (UTC)")
    if not has_key:
        say("TT_CLIENT_KEY is not set. Requests are counted for each key, so none are shown.")
        return
    observed = workspace.study.accounts.lists if workspace.study.accounts else ()
    paying = {Bucket.MAIN, *(quota_bucket(asset_of(account_list)) for account_list in observed)}
    for bucket in Bucket:
        use = workspace.use(bucket)
        if bucket in paying or use.used:
            say(f"{bucket}: {use}; resets {use.opens_at:%Y-%m-%d %H:%M} UTC")
    if counted := workspace.ledger.counted_again():
        say(f"{counted:,} of them were counted again from landed pages, because the ledger had lost them")


def _show_due(coverage: StudyCoverage) -> None:
    heading("Due now, most urgent first (run `tt collect`)")
    work = due(coverage)
    for piece in work[:_MOST_WORK]:
        say(f"{piece.asset} {piece.window}: {piece.reason}")
    if len(work) > _MOST_WORK:
        say(f"and {len(work) - _MOST_WORK} more")
    if not work:
        say("nothing")


def _show_unreadable(coverage: StudyCoverage) -> None:
    """Print which landed files cannot be read; what may be in them is not due."""
    found = coverage.index.unreadable
    if not found:
        return
    heading("Landed, but cannot be read; not requested again")
    for each in found[:_MOST_WORK]:
        say(f"{each}")
    if len(found) > _MOST_WORK:
        say(f"and {len(found) - _MOST_WORK} more")
    say("Make them readable (chmod u+rwX), or move them out of the landing folder to request their pages again.")


def _show_paused(workspace: Workspace, coverage: StudyCoverage) -> None:
    """Print work that was started and not finished, and when it continues."""
    begun = unfinished_work(coverage)
    if not begun:
        return
    heading("Started, not finished")
    for piece in begun:
        use = workspace.use(quota_bucket(piece.asset))
        until = "continues at the next collection" if use else f"until {use.opens_at:%Y-%m-%d %H:%M} UTC"
        say(f"{piece.asset}: {piece.what}, {until}")


def _show_coverage(coverage: StudyCoverage) -> None:
    study, today = coverage.study, coverage.now.date()
    last = min(study.last_day or today, today)
    first = max(study.first_day, last.fromordinal(last.toordinal() - _MOST_DAYS + 1))
    if first > last:
        return
    days = days_between(first, last)
    heading(f"Coverage {first} to {last}")
    table = Table.grid(padding=(0, 1))
    for search in study.searches:
        marks = [_MARKS[day.status] for day in coverage.searches.days_with_damage(search, days)]
        table.add_row(search.name, Text.assemble(*marks))
    OUT.print(table)
    OUT.print(_LEGEND, style="dim")


def _show_published(settings: Settings) -> None:
    heading("Published")
    published = settings.files.published
    if not published.exists():
        say(f"nothing yet; the first collection creates {published}")
        return
    try:
        counts, at = published_counts(published), published_at(published)
    except TtPipelineError as error:
        problem(error)
        say("The next collection or `tt rebuild` replaces it.")
        return
    rows = ", ".join(f"{counts[table]:,} {table}" for table in ("videos", "comments", "users"))
    say(f"{published}: {rows}, {at:%Y-%m-%d %H:%M} UTC")
