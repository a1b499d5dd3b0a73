"""What the quota sensor remembers between its ticks: how often it has asked today, and after which run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import dagster as dg

from tt_pipeline.orchestration.requests import is_collecting
from tt_pipeline.vocabulary import Bucket

MOST_ROUNDS: Final = 4
"""A day and bucket: looks, their creators, their comments, and one to see that nothing is left."""

_ENDED: Final = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorCursor:
    """The sensor's cursor.

    Attributes:
        day: The UTC day that it is about.
        rounds: How often was asked on it, by bucket.
        after: The latest run that had ended when it was last asked.
    """

    day: str
    rounds: Mapping[str, int]
    after: str | None

    @classmethod
    def read(cls, cursor: str | None, day: str) -> Self:
        """The cursor, or a new one where it is of another day or of an earlier version."""
        try:
            known = json.loads(cursor or "{}")
        except ValueError:
            known = {}
        if not isinstance(known, dict) or known.get("day") != day:
            return cls(day=day, rounds={}, after=None)
        return cls(day=day, rounds=known["rounds"], after=known["after"])

    def text(self) -> str:
        """Undo `read`."""
        return json.dumps({"day": self.day, "rounds": dict(self.rounds), "after": self.after})

    def is_occasion(self, bucket: Bucket, ended: dg.DagsterRun | None, *, is_busy: bool) -> bool:
        """Whether to ask now: for the first time today, or because a run ended well since and nothing else waits.

        After a failure nobody asks again before tomorrow: what broke would break again.
        """
        rounds = self.rounds.get(bucket, 0)
        if not rounds:
            return True
        is_news = ended is not None and ended.run_id != self.after and ended.is_success
        return is_news and not is_busy and rounds < MOST_ROUNDS

    def noted(self, buckets: Sequence[Bucket], ended: dg.DagsterRun | None) -> "SensorCursor":
        """The cursor after asking."""
        rounds = dict(self.rounds) | {bucket.value: self.rounds.get(bucket, 0) + 1 for bucket in buckets}
        return SensorCursor(day=self.day, rounds=rounds, after=ended.run_id if ended else None)


def last_ended(instance: dg.DagsterInstance) -> dg.DagsterRun | None:
    """The collecting run that was made last of those that have ended."""
    ended = instance.get_runs(dg.RunsFilter(statuses=list(_ENDED)), limit=50)
    return next((run for run in ended if is_collecting(run)), None)
