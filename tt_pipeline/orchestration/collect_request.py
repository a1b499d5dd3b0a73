"""What a command collects, and which part of it would be requested again although it was collected before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tt_pipeline.coverage import StudyCoverage, Window, Workspace, open_workspace
from tt_pipeline.orchestration.again import AgainFile
from tt_pipeline.planning import Repeat, RepeatReason, confirmations, edited_searches, repeats_again
from tt_pipeline.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectRequest:
    """What a command collects.

    Attributes:
        assets: Keys of the assets.
        window: The days to collect now, whatever their age; None for everything that is due.
        is_selection: Whether due work is limited to these assets.
        again: Whether to collect one more look, even of complete days.
        confirmed: What would be requested again, and somebody has agreed to its price.
        limit: The most requests that the command sends; None without a limit.
    """

    assets: tuple[str, ...]
    window: Window | None = None
    is_selection: bool = False
    again: bool = False
    confirmed: tuple[Repeat, ...] = ()
    limit: int | None = None

    @property
    def is_of_everything_due(self) -> bool:
        """Whether it collects what is due, of all assets, and nothing else."""
        return self.window is None and not (self.is_selection or self.again or self.confirmed)

    def __str__(self) -> str:
        return f"{','.join(self.assets)} {self.window or 'now'}"


def unconfirmed_repeats(settings: Settings, request: CollectRequest) -> list[Repeat]:
    """What the request would collect again for more than the study allows without a yes; sends nothing.

    Raises:
        ConfigurationError: The study or a setting is invalid.
    """
    with open_workspace(settings) as workspace:
        forget_old_yes(workspace, request)
        return missing_confirmations(workspace, request)


def forget_old_yes(workspace: Workspace, request: CollectRequest) -> None:
    """A yes to `--again` is for one command: one that begins, also because the last one was given up, needs its own."""
    if request.again and not again_file(workspace).is_unfinished(f"{request}"):
        confirmations(workspace.files).forget_command(f"{request}")


def missing_confirmations(workspace: Workspace, request: CollectRequest) -> list[Repeat]:
    """The same for an open data dir."""
    repeats = _repeats(workspace.coverage(), request, _again_since(workspace, request))
    limit = workspace.study.quota.confirm_above
    return confirmations(workspace.files).missing(repeats, limit=limit, command=f"{request}")


def _again_since(workspace: Workspace, request: CollectRequest) -> datetime | None:
    return again_file(workspace).would_be_since(f"{request}") if request.again else None


def _repeats(coverage: StudyCoverage, request: CollectRequest, again_since: datetime | None) -> list[Repeat]:
    days = request.window.days if request.window else None
    edited = [each.followed_by(request.assets) for each in edited_searches(coverage, days)]
    now = days or [coverage.account_lists.today]  # without days, `--again` is of lists
    again = repeats_again(coverage, request.assets, now, again_since) if again_since else []
    return [each for each in edited if each.asset in request.assets] + again


def again_file(workspace: Workspace) -> AgainFile:
    """The unfinished `--again` requests of a data dir."""
    return AgainFile(workspace.files.internal / "again.json", workspace.clock)


def edited_assets(unconfirmed: Sequence[Repeat]) -> dict[str, Repeat]:
    """The edited searches among them, by asset."""
    return {repeat.asset: repeat for repeat in unconfirmed if repeat.reason is RepeatReason.EDITED}


def includes_again(unconfirmed: Sequence[Repeat]) -> bool:
    """Whether `--again` is among them, so that the command collects only what is not complete."""
    return any(repeat.reason is RepeatReason.AGAIN for repeat in unconfirmed)
