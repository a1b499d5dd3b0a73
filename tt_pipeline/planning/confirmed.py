"""Which repeated requests somebody has to agree to, and what was agreed to before.

Days that were collected before are requested again without a question while they cost at most `quota.confirm_above`
requests together. Above it they wait for a yes: on a terminal, by `--yes`, or by a tag of Dagster's. The yes is
remembered, so that the work continues after a pause; a higher price needs another one.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tt_pipeline.coverage import StudyCoverage, Work, Workspace, due
from tt_pipeline.data_dir import DataDir
from tt_pipeline.planning.repeats import Repeat, RepeatReason, edited_searches, landed_days
from tt_pipeline.safe_files import lease, write_whole


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What somebody agreed to: these days for at most so many requests."""

    days: frozenset[str]
    requests: int

    def covers(self, repeat: Repeat) -> bool:
        return repeat.most <= self.requests and _days(repeat) <= self.days


@dataclass(frozen=True, slots=True)
class Confirmations:
    """A JSON file with what was agreed to: by asset and query, or by asset and command for `--again`."""

    file: Path

    def add(self, repeats: Collection[Repeat], *, command: str = "") -> None:
        """Remember that somebody agreed to these prices.

        Args:
            repeats: What was agreed to.
            command: The command with `--again` that they belong to.
        """
        new = {_key(each, command): _Agreed(_days(each), each.most) for each in repeats}
        self._change(lambda agreed: agreed | new)

    def missing(self, repeats: Sequence[Repeat], *, limit: int, command: str = "") -> list[Repeat]:
        """Those that need a yes: all that nobody has agreed to, if together they cost more than the limit."""
        agreed = self._read()
        new = [each for each in repeats if not (known := agreed.get(_key(each, command))) or not known.covers(each)]
        return new if sum(repeat.most for repeat in new) > limit else []

    def forget_command(self, command: str) -> None:
        """Forget what was agreed to for a command with `--again` that is complete; the next one asks again."""
        self._keep(lambda key: not key.endswith(f" {command}"))

    def forget_edits_except(self, repeats: Collection[Repeat]) -> None:
        """Forget edits that no day waits for any more; going back to such a query later asks again."""
        present = {_key(repeat, "") for repeat in repeats}
        self._keep(lambda key: key in present or key.startswith(RepeatReason.AGAIN))

    def _keep(self, is_kept: Callable[[str], bool]) -> None:
        self._change(lambda agreed: {key: value for key, value in agreed.items() if is_kept(key)})

    def _change(self, change: Callable[[dict[str, _Agreed]], dict[str, _Agreed]]) -> None:
        """Replace the content; another process that changes it meanwhile waits, so that no yes is lost."""
        if change(agreed := self._read()) == agreed:
            return
        with lease(self.file.with_name(f"{self.file.name}.lock")):
            self._write(change(self._read()))

    def _read(self) -> dict[str, _Agreed]:
        """What was agreed to; nothing if the file is missing or damaged: then somebody is asked again."""
        try:
            stored = json.loads(self.file.read_bytes())
            return {key: _Agreed(frozenset(each["days"]), int(each["requests"])) for key, each in stored.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {}

    def _write(self, agreed: Mapping[str, _Agreed]) -> None:
        entries = {key: {"requests": each.requests, "days": sorted(each.days)} for key, each in agreed.items()}
        write_whole(self.file, json.dumps(entries, indent=1) + "\n")


def _key(repeat: Repeat, command: str) -> str:
    return f"{repeat.reason} {repeat.asset} {repeat.version or command}"


def _days(repeat: Repeat) -> frozenset[str]:
    return frozenset(day.isoformat() for day in repeat.days)


def confirmations(files: DataDir) -> Confirmations:
    """The confirmations of a data dir."""
    return Confirmations(files.internal / "confirmed.json")


def forget_old_edits(workspace: Workspace) -> None:
    """Forget what was agreed to for edits that the study no longer has or that have been collected.

    The study of the workspace must be the present one: whoever still uses an earlier version knows no later edit.
    """
    coverage = workspace.coverage()
    confirmations(workspace.files).forget_edits_except(edited_searches(coverage, landed_days(coverage)))


def waiting_sentence(unconfirmed: Sequence[Repeat], *, limit: int) -> str:
    """Why days stay outdated, and what agrees to their price; "" if nothing waits for a yes."""
    if not unconfirmed:
        return ""
    prices = " ".join(f"{repeat}" for repeat in unconfirmed)
    return f"{prices} That is more than quota.confirm_above ({limit:,}): these days wait for `tt collect --yes`."


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedWork:
    """The work that is due.

    Attributes:
        work: What may be requested now, most urgent first.
        unconfirmed: Edited searches whose outdated days wait for a yes; they are not in `work`.
    """

    work: list[Work]
    unconfirmed: list[Repeat]


def unconfirmed_edits(files: DataDir, coverage: StudyCoverage) -> list[Repeat]:
    """The edited searches whose outdated days wait for a yes."""
    return _missing(files, coverage, _edits(coverage))


def confirmed_work(workspace: Workspace, coverage: StudyCoverage | None = None) -> ConfirmedWork:
    """All work that is due and that nobody has to agree to, and what waits for a yes."""
    coverage = coverage or workspace.coverage()
    repeats = _edits(coverage)
    missing = _missing(workspace.files, coverage, repeats)
    edited = {repeat.name for repeat in repeats if repeat not in missing}
    return ConfirmedWork(work=due(coverage, edited=edited), unconfirmed=missing)


def _edits(coverage: StudyCoverage) -> list[Repeat]:
    return [repeat.followed_by(coverage.study.collects) for repeat in edited_searches(coverage)]


def _missing(files: DataDir, coverage: StudyCoverage, repeats: Sequence[Repeat]) -> list[Repeat]:
    return confirmations(files).missing(repeats, limit=coverage.study.quota.confirm_above)
