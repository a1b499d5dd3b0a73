"""The quota sensor's cursor: how often it has requested runs today, and after which run."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import dagster as dg

from tt_pipeline.orchestration.requests import ENDED, is_collecting
from tt_pipeline.vocabulary import Bucket

MOST_ROUNDS: Final = 4
"""Rounds for each day and bucket: one for searches, one for their creators, one for their comments, and a last one that
finds nothing due."""

_WRITTEN: Final = re.compile(
    r"On (?P<day>\S+) requested (?P<rounds>.*?)(, the last after run (?P<after>\S+))?\. "
    r"Study (?P<study>not readable|\S+), edited (?P<edits>\d+) times today\."
)
_UNREADABLE: Final = "not readable"
_ROUND: Final = re.compile(r"(\w+) (\d+) times")


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorCursor:
    """The sensor's cursor.

    Attributes:
        day: The UTC day of the counts.
        rounds: How often runs were requested on this day, by bucket.
        after: The latest run that had ended at the last request.
        study: What distinguishes the study from its other versions; "" while it cannot be read.
        edits: How often the study has changed on this day; each change permits the rounds again.
    """

    day: str
    rounds: Mapping[str, int]
    after: str | None
    study: str = ""
    edits: int = 0

    @classmethod
    def read(cls, cursor: str | None, day: str, study: str = "") -> Self:
        """Parse the cursor, or make a new one if it is of another day, another study or an earlier version."""
        found = _WRITTEN.fullmatch(cursor or "")
        if not found or found["day"] != day:
            return cls(day=day, rounds={}, after=None, study=study)
        edits = int(found["edits"])
        if found["study"].replace(_UNREADABLE, "") != study:
            return cls(day=day, rounds={}, after=None, study=study, edits=edits + 1)
        rounds = {bucket: int(number) for bucket, number in _ROUND.findall(found["rounds"])}
        return cls(day=day, rounds=rounds, after=found["after"], study=study, edits=edits)

    def text(self) -> str:
        """The cursor as text, for `read` and for people: the UI shows it."""
        rounds = ", ".join(f"{bucket} {number} times" for bucket, number in self.rounds.items())
        after = f", the last after run {self.after}" if self.after else ""
        return (
            f"On {self.day} requested {rounds or 'nothing yet'}{after}. "
            f"Study {self.study or _UNREADABLE}, edited {self.edits} times today."
        )

    def tick(self, buckets: Sequence[Bucket]) -> str:
        """The name of the request that follows, different from all others of the day."""
        after_edit = f" after edit {self.edits}" if self.edits else ""
        return f"later {max(self.rounds.get(bucket, 0) for bucket in buckets)}{after_edit}"

    def is_occasion(self, bucket: Bucket, ended: dg.DagsterRun | None, *, is_busy: bool) -> bool:
        """Whether to request now: for the first time today, or because a run has succeeded and no other is unfinished.

        After a failure nothing is requested until tomorrow, because it would most likely fail again.
        """
        rounds = self.rounds.get(bucket, 0)
        if not rounds:
            return True
        is_news = ended is not None and ended.run_id != self.after and ended.is_success
        return is_news and not is_busy and rounds < MOST_ROUNDS

    def noted(self, buckets: Sequence[Bucket], ended: dg.DagsterRun | None) -> "SensorCursor":
        """The cursor after a request."""
        rounds = dict(self.rounds) | {bucket.value: self.rounds.get(bucket, 0) + 1 for bucket in buckets}
        return replace(self, rounds=rounds, after=ended.run_id if ended else None)


def last_ended(instance: dg.DagsterInstance) -> dg.DagsterRun | None:
    """The most recently created collecting run that has ended."""
    ended = instance.get_runs(dg.RunsFilter(statuses=list(ENDED)), limit=50)
    return next((run for run in ended if is_collecting(run)), None)
