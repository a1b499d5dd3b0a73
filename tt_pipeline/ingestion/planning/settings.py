"""Settings that cost less, and what they give up: the ladder that `tt plan` shows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from tt_pipeline.ingestion.planning.costs import Costs
from tt_pipeline.ingestion.planning.estimate import Estimate, together
from tt_pipeline.ingestion.planning.evidence import CommentCounts
from tt_pipeline.studies import CommentRules, Study

REACHABLE: Final = 1_000
"""Comments of a video that the API gives at most."""
_MINIMA: Final = (2, 5, 10, 20, 50, 100)
_CAPS: Final = (300, 100)
_RARELY_DAYS: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A study with one setting changed.

    Attributes:
        change: As it is written into the study; empty for the study as it is.
        comments_kept: Share of the reachable comments, 0 to 1.
        fits: Whether a usual day needs no more than the quota.
    """

    change: str
    per_day: Estimate
    total: Estimate
    comments_kept: float
    fits: bool


def ladder(costs: Costs) -> tuple[Setting, ...]:
    """The study as it is, then what could be changed: those that fit first, by how many comments they keep."""
    as_is, *changed = [_setting(costs, change, study) for change, study in [("", costs.study), *_changes(costs.study)]]
    cheaper = [setting for setting in changed if setting.per_day.likely < as_is.per_day.likely]
    return as_is, *sorted(cheaper, key=lambda s: (not s.fits, -s.comments_kept, s.per_day.likely))


def _setting(costs: Costs, change: str, study: Study) -> Setting:
    lines = replace(costs, study=study).lines
    per_day = together(line.per_day for line in lines)
    return Setting(
        change=change,
        per_day=per_day,
        total=together(line.total for line in lines).whole(),
        comments_kept=comments_kept(costs.evidence.counts, study.comments),
        fits=per_day.likely <= study.quota.requests_per_day,
    )


def _changes(study: Study) -> Iterator[tuple[str, Study]]:
    comments, users = study.comments, study.users
    if comments.wanted:
        for least in _MINIMA:
            if least > comments.min_comments:
                yield f"comments: {{min_comments: {least}}}", _with(study, replace(comments, min_comments=least))
        for cap in _CAPS:
            if cap < comments.max_per_video:
                yield f"comments: {{max_per_video: {cap}}}", _with(study, replace(comments, max_per_video=cap))
        yield "comments: false", _with(study, replace(comments, wanted=False))
    if users.wanted:
        if users.refresh_days < _RARELY_DAYS:
            rarely = replace(study, users=replace(users, refresh_days=_RARELY_DAYS))
            yield f"users: {{refresh_days: {_RARELY_DAYS}}}", rarely
        yield "users: false", replace(study, users=replace(users, wanted=False))


def _with(study: Study, comments: CommentRules) -> Study:
    return replace(study, comments=comments)


def comments_kept(counts: CommentCounts, rules: CommentRules) -> float:
    """The share of the reachable comments that these rules buy."""
    count, weight = pl.col("comment_count"), pl.col("weight")
    is_bought = (count >= max(1, rules.min_comments)) & rules.wanted
    bought, reachable = counts.likely.select(
        (weight * count.clip(0, rules.max_per_video) * is_bought).sum().alias("bought"),
        (weight * count.clip(0, REACHABLE)).sum().alias("reachable"),
    ).row(0)
    return float(bought / reachable) if reachable else 1.0
