"""What N more days of quota buy, as people read it: a table where settings decide, a sentence where time does."""

from rich import box
from rich.table import Table

from tt_pipeline.cli.console import OUT
from tt_pipeline.planning import Plan, YieldPoint, wait_for_age, worth_listing
from tt_pipeline.studies import Study

_BAR = 40


def show_yield(made: Plan, study: Study, *, days: int | None) -> None:
    """The points at which another min_comments is needed, that of so many days if asked for, and what time takes."""
    own = max(1, study.comments.min_comments)
    points = worth_listing(made.curve, also=days)
    if days or any(point.min_comments not in {None, own} for point in points):
        OUT.print(_table(points))


def waiting_sentence(made: Plan, study: Study) -> str | None:
    """That the age of the videos and not the quota is what takes time, and from when on; None where the quota does."""
    wait = wait_for_age(made.curve, min_comments=max(1, study.comments.min_comments))
    if wait is None:
        return None
    point, last = wait
    since = (
        "The quota is no limit for comments"
        if point == made.curve[0]
        else f"After {_days(point)} the quota is no limit"
    )
    return (
        f"{since}: what is missing then waits until its videos are {study.comments.after_days} days old, the last of "
        f"it for up to {_days(last)} from now."
    )


def _table(points: list[YieldPoint]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("After", justify="right")
    table.add_column("of the comments within reach you have", justify="left")
    table.add_column("", justify="right")
    table.add_column("with min_comments", justify="right")
    for point in points:
        least = f"{point.min_comments:,}" if point.min_comments is not None else "–"
        table.add_row(_days(point), "█" * round(point.share * _BAR), f"{point.share:.1%}", least)
    return table


def _days(point: YieldPoint) -> str:
    return f"{point.days:,} {'day' if point.days == 1 else 'days'}"
