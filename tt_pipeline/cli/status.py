"""`tt status`: one screen."""

from rich.table import Table

from tt_pipeline.cli.console import OUT, heading, say
from tt_pipeline.coverage import (
    StudyCoverage,
    Workspace,
    asset_of,
    bucket_of,
    days_between,
    due,
    open_workspace,
    unfinished_work,
)
from tt_pipeline.reports import published_at, published_counts
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import Bucket, SearchStatus

_MOST_DAYS = 30
_MARKS = {
    SearchStatus.COMPLETE: "[green]●[/green]",
    SearchStatus.EARLY: "[yellow]◐[/yellow]",
    SearchStatus.PARTIAL: "[yellow]◑[/yellow]",
    SearchStatus.CAPPED: "[yellow]◒[/yellow]",
    SearchStatus.SUSPICIOUS: "[red]?[/red]",
    SearchStatus.PAUSED: "[yellow]‖[/yellow]",
    SearchStatus.OUTDATED: "[yellow]○[/yellow]",
    SearchStatus.UNAVAILABLE: "[red]✗[/red]",
    SearchStatus.NEVER_ASKED: "[red]·[/red]",
    SearchStatus.NOT_DUE: " ",
    SearchStatus.OUTSIDE: " ",
}
_MOST_WORK = 10
_LEGEND = (
    "● complete  ◒ capped  ◐ early  ‖ paused  ◑ partial  ○ query was edited\n"
    "✗ unavailable  ? nothing found, not believed  · never asked"
)


def show_status(settings: Settings) -> None:
    """Quota, what is due, what is paused, coverage of the last days, last publication."""
    with open_workspace(settings) as workspace:
        OUT.print(f"[bold]{workspace.study.title}[/bold] ({workspace.study.file})")
        _show_quota(workspace, has_key=bool(settings.client_key.get_secret_value()))
        held = workspace.coverage()
        _show_due(held)
        _show_paused(workspace, held)
        _show_coverage(held)
    _show_published(settings)


def _show_quota(workspace: Workspace, *, has_key: bool) -> None:
    heading("Quota today (UTC)")
    if not has_key:
        say("TT_CLIENT_KEY is not set, and a quota belongs to a key: no request is counted here.")
        return
    observed = workspace.study.accounts.lists if workspace.study.accounts else ()
    paying = {Bucket.MAIN, *(bucket_of(asset_of(account_list)) for account_list in observed)}
    for bucket in Bucket:
        use = workspace.use(bucket)
        if bucket in paying or use.used:
            say(f"{bucket}: {use}; resets {use.opens_at:%Y-%m-%d %H:%M} UTC")


def _show_due(held: StudyCoverage) -> None:
    heading("Due now, in this order (tt collect does it)")
    work = due(held)
    for piece in work[:_MOST_WORK]:
        say(f"{piece.asset} {piece.window}: {piece.reason}")
    if len(work) > _MOST_WORK:
        say(f"and {len(work) - _MOST_WORK} more")
    if not work:
        say("nothing")


def _show_paused(workspace: Workspace, held: StudyCoverage) -> None:
    """What was begun and goes on at its next page, and from when."""
    begun = unfinished_work(held)
    if not begun:
        return
    heading("Paused half way")
    for piece in begun:
        use = workspace.use(bucket_of(piece.asset))
        until = "goes on when it is next collected" if use else f"until {use.opens_at:%Y-%m-%d %H:%M} UTC"
        say(f"{piece.asset}: {piece.what}, {until}")


def _show_coverage(held: StudyCoverage) -> None:
    study, today = held.study, held.now.date()
    last = min(study.last_day or today, today)
    first = max(study.first_day, last.fromordinal(last.toordinal() - _MOST_DAYS + 1))
    if first > last:
        return
    days = days_between(first, last)
    heading(f"Coverage {first} to {last}")
    table = Table.grid(padding=(0, 1))
    for search in study.searches:
        table.add_row(search.name, "".join(_MARKS[day.status] for day in held.searches.reported_days(search, days)))
    OUT.print(table)
    OUT.print(f"[dim]{_LEGEND}[/dim]")


def _show_published(settings: Settings) -> None:
    heading("Published")
    published = settings.files.published
    if not published.exists():
        say(f"nothing yet; {published} appears with the first collection")
        return
    counts = published_counts(published)
    rows = ", ".join(f"{counts[table]:,} {table}" for table in ("videos", "comments", "users"))
    say(f"{published}: {rows}, {published_at(published):%Y-%m-%d %H:%M} UTC")
