"""What batch compliance has said so far: which stored videos and comments still existed when.

Each task has a landed file: the upload, what the server said of its progress, the ids that are still valid. Whatever
decides about deletion follows from these files, so a killed refresh goes on, and a rebuild knows the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from tt_pipeline.codebook.endpoints import TASK_CREATE, TASK_DOWNLOAD, TASK_STATUS, VIDEO_QUERY, listed
from tt_pipeline.errors import CorruptLanding
from tt_pipeline.ids import id_number, video_id_of
from tt_pipeline.json_text import NotJson, read_json
from tt_pipeline.landing import Envelope, Location
from tt_pipeline.research_api import TaskStatus
from tt_pipeline.studies import ComplianceRules
from tt_pipeline.vocabulary import StopReason
from tt_pipeline.warehouse import TABLES

VIDEO: Final = "video"
COMMENT: Final = "comment"
LONGEST_TASK: Final = timedelta(days=1)
"""A task that is not completed after that never will be; its ids are sent in another one."""
FEWEST_GONE: Final = 20
"""Fewer ids that are gone at once are no doubt, whatever their share."""
MOST_ALIVE_IN_SAMPLE: Final = 0.02
"""Of the sample of a doubtful answer: if more of them are alive, the answer was wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One check of many ids, by a task of batch compliance or by video queries.

    Attributes:
        name: The server's id of the task, which can exceed 64 bits; of queries a name of ours.
        kind: video or comment.
        by_query: Whether video queries were sent instead of a task.
        asked: The ids that were sent.
        asked_at: When the first of them were sent.
        status: The server's last word about the task; "" before the first.
        polls: How often the task's progress was requested.
        valid: Ids that still exist; None while nobody knows.
        sampled: Names of the doubtful tasks of whose missing ids this one is a sample.
        drawn: The ids of the sample; those that were deleted since are not among them.
        sample_size: How many were drawn.
        confirms: Names of the doubtful tasks that a person believes.
    """

    name: str
    kind: str
    asked_at: datetime
    by_query: bool = False
    asked: frozenset[int] = frozenset()
    status: str = ""
    polls: int = 0
    valid: frozenset[int] | None = None
    sampled: tuple[str, ...] = ()
    drawn: frozenset[int] = frozenset()
    sample_size: int = 0
    confirms: tuple[str, ...] = ()

    def is_under_way(self, now: datetime) -> bool:
        """Whether the server may still complete the task."""
        has_ended = self.valid is not None or self.status == TaskStatus.FAILED or bool(self.confirms)
        return not has_ended and self.asked_at >= now - LONGEST_TASK

    @property
    def gone(self) -> frozenset[int]:
        """Ids that were sent and did not come back; none while nobody knows."""
        return frozenset() if self.valid is None else self.asked - self.valid

    @property
    def strange(self) -> frozenset[int]:
        """Ids that came back and were not sent; then the answer is about something else."""
        return frozenset() if self.valid is None else self.valid - self.asked

    @property
    def unanswered(self) -> frozenset[int]:
        """Ids of the sample of which no answer has come: a query failed, or the process was killed before it."""
        return self.drawn - self.asked

    @property
    def alive_share(self) -> float:
        """The part of the sample that exists."""
        return len((self.valid or frozenset()) & self.asked) / max(self.sample_size, 1)


def read_validations(locations: Iterable[Location]) -> list[Validation]:
    """Every check that has landed, in the order in which they were asked; pages that cannot be read are left out."""
    pages = [page for each in locations for page in each.readings() if not isinstance(page, CorruptLanding)]
    found: dict[str, Validation] = {}
    for page in sorted(pages, key=lambda page: page.fetched_at):
        name = _name(page)
        if name is not None:
            found[name] = _with(found.get(name) or _begun(name, page), page)
    return sorted(found.values(), key=lambda each: (each.asked_at, each.name))


def _name(page: Envelope) -> str | None:
    """The name of the check that a page belongs to; None for an answer without a task."""
    if page.endpoint == TASK_CREATE.name:
        return _value(page, "task_id")
    if page.endpoint in {TASK_STATUS.name, TASK_DOWNLOAD.name}:
        return str(page.request.get("task_id"))
    return page.subject


def _begun(name: str, page: Envelope) -> Validation:
    return Validation(
        name=name,
        kind=str(page.subject).partition(" ")[0],
        asked_at=page.fetched_at,
        by_query=page.endpoint == VIDEO_QUERY.name,
        valid=frozenset() if page.endpoint == VIDEO_QUERY.name else None,
    )


def _with(found: Validation, page: Envelope) -> Validation:
    if page.endpoint == TASK_CREATE.name:
        return replace(found, asked=_numbers(page.request.get("ids", ())))
    if page.endpoint == TASK_STATUS.name:
        return replace(found, status=_value(page, "task_status") or found.status, polls=found.polls + 1)
    if page.endpoint == TASK_DOWNLOAD.name:
        return replace(found, valid=_valid_ids(page))
    if not page.request.get("query"):  # a statement of ours
        sampled, confirms = (tuple(map(str, page.request.get(key, ()))) for key in ("samples", "confirms"))
        drawn, size = _numbers(page.request.get("ids", ())), int(page.request.get("sample_size", 0))
        found = replace(found, drawn=found.drawn | drawn, sample_size=found.sample_size or size)
        return replace(found, sampled=found.sampled or sampled, confirms=found.confirms or confirms)
    alive = _videos_in(page)
    if alive is None:
        return found
    # What a listing that was broken off has not returned may still exist.
    asked = _numbers(_asked_in(page.request)) if page.ends is StopReason.COMPLETE else frozenset()
    return replace(found, asked=found.asked | asked, valid=(found.valid or frozenset()) | alive)


def _valid_ids(page: Envelope) -> frozenset[int] | None:
    """The ids of a downloaded answer, one a line or in a list; None if the answer has neither."""
    words = page.body.split()
    if all(word.isdecimal() for word in words):
        return _numbers(words)
    try:
        data = read_json(page.body).value["data"]
        ids = listed(next(data[key] for key in TASK_DOWNLOAD.list_keys if key in data))
    except (NotJson, KeyError, TypeError, StopIteration):
        return None
    numbers = [id_number(each.get("id") if isinstance(each, dict) else each) for each in ids or ()]
    return None if ids is None or None in numbers else _numbers(numbers)


def _asked_in(request: Mapping[str, Any]) -> Iterator[object]:
    for condition in request.get("query", {}).get("and", ()):
        if condition.get("field_name") == "video_id":
            yield from condition.get("field_values", ())


def _videos_in(page: Envelope) -> frozenset[int] | None:
    """The videos that a query has returned; None if the answer has no list of videos."""
    try:
        data = read_json(page.body).value["data"]
        videos = listed(next(data[key] for key in VIDEO_QUERY.list_keys if key in data))
    except (NotJson, KeyError, TypeError, StopIteration):
        return None
    return None if videos is None else frozenset(number for video in videos if (number := video_id_of(video)))


def _value(page: Envelope, key: str) -> str | None:
    try:
        data = read_json(page.body).value["data"]
        return str(data[key]) if data.get(key) else None
    except (NotJson, KeyError, TypeError, AttributeError):
        return None


def _numbers(values: Iterable[object]) -> frozenset[int]:
    return frozenset(number for value in values if (number := id_number(value)) is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check proves.

    Attributes:
        alive: Ids that existed.
        gone: Ids of which it is believed that they did not.
        doubt: Why ids that did not come back are not believed to be gone, as a sentence; "" without a doubt.
        doubted: These ids.
    """

    validation: Validation
    alive: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()
    doubt: str = ""
    doubted: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Judge:
    """Judges checks in the order in which they were asked."""

    rules: ComplianceRules
    now: datetime
    samples: Mapping[str, Validation]
    confirmed: frozenset[str]
    missing: dict[str, set[int]] = field(default_factory=dict)
    doubted: dict[str, set[int]] = field(default_factory=dict)

    def verdict(self, check: Validation) -> Verdict:
        if check.valid is None:
            is_under_way = check.is_under_way(self.now)
            doubt = "" if is_under_way else f"the server says that the task is {check.status or 'unknown'}"
            return Verdict(validation=check, doubt=doubt, doubted=check.asked if doubt else frozenset())
        if check.strange and check.name not in self.confirmed:
            doubt = f"{len(check.strange):,} ids came back that were not sent"
            return Verdict(validation=check, doubt=doubt, doubted=check.asked)
        known = self.missing.setdefault(check.kind, set())
        alive, gone, newly = check.asked & check.valid, check.gone, check.gone - known
        known -= alive
        doubt = self._doubt(check, newly)
        if doubt:
            gone -= newly
            self.doubted.setdefault(check.kind, set()).update(newly)
        known |= gone
        return Verdict(validation=check, alive=alive, gone=gone, doubt=doubt, doubted=newly if doubt else frozenset())

    def _doubt(self, check: Validation, newly: frozenset[int]) -> str:
        if check.name in self.confirmed:
            return ""
        if check.sampled:
            return _doubt_of_sample(check)
        share = len(newly) / len(check.asked) if check.asked else 0.0
        # What is left of a doubted answer is asked in a small task, and a server may still be as wrong as before.
        is_rest = not newly.isdisjoint(self.doubted.get(check.kind, ()))
        if share <= self.rules.max_gone_share or (len(newly) < FEWEST_GONE and not is_rest):
            return ""
        words = f"{len(newly):,} of {len(check.asked):,} are gone at once ({share:.0%})"
        sample = self.samples.get(check.name)
        if sample is None:
            return words
        doubt = _doubt_of_sample(sample)
        return f"{words}, and {doubt}" if doubt else ""


def _doubt_of_sample(sample: Validation) -> str:
    """Why a sample proves nothing, as a part of a sentence; "" if it proves that its tasks were right."""
    if sample.unanswered:  # no answer is no evidence
        return f"of {len(sample.unanswered):,} of a sample of them no answer has come"
    if sample.alive_share > MOST_ALIVE_IN_SAMPLE:
        return f"{sample.alive_share:.0%} of a sample of them exist"
    return ""


def judge(checks: Iterable[Validation], rules: ComplianceRules, now: datetime) -> list[Verdict]:
    """What each check proves; an answer that is doubted proves only what is alive."""
    checks = list(checks)
    samples = {name: check for check in checks for name in check.sampled}
    confirmed = frozenset(name for check in checks for name in check.confirms)
    judging = _Judge(rules=rules, now=now, samples=samples, confirmed=confirmed)
    return [judging.verdict(check) for check in checks if not check.confirms]


def verifications(verdicts: Iterable[Verdict]) -> pl.DataFrame:
    """One row for each video and comment that was ever checked, as `ops.verifications` has it."""
    frames = [_answers(verdict) for verdict in verdicts if verdict.alive or verdict.gone]
    schema = TABLES["ops.verifications"].frame_schema
    if not frames:
        return pl.DataFrame(schema=schema)
    key = ["kind", "item_id"]
    answers = pl.concat(frames)
    alive = answers.filter("is_alive").group_by(key).agg(pl.col("at").max().alias("last_verified_at"))
    missing = (
        answers.filter(~pl.col("is_alive"))
        .join(alive, on=key, how="left")
        .filter(pl.col("last_verified_at").is_null() | (pl.col("at") > pl.col("last_verified_at")))
        .group_by(key)
        .agg(
            pl.col("at").min().alias("first_missing_at"),
            pl.col("at").max().alias("last_missing_at"),
            pl.len().cast(pl.Int64).alias("missing_answers"),
            pl.col("by_query").n_unique().cast(pl.Int64).alias("ways"),
        )
    )
    joined = alive.join(missing, on=key, how="full", coalesce=True)
    return joined.select(pl.col(name).cast(kind) for name, kind in schema.items()).sort(key)


def _answers(verdict: Verdict) -> pl.DataFrame:
    check = verdict.validation
    ids = [*verdict.alive, *verdict.gone]
    return pl.DataFrame(
        {"item_id": ids, "is_alive": [True] * len(verdict.alive) + [False] * len(verdict.gone)},
        schema={"item_id": pl.Int64, "is_alive": pl.Boolean},
    ).with_columns(
        pl.lit(check.kind).alias("kind"),
        pl.lit(check.asked_at, dtype=pl.Datetime("us", "UTC")).alias("at"),
        pl.lit(check.by_query).alias("by_query"),
    )
