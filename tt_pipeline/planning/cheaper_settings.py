"""Settings that cost less, and what they give up: the ladder that `tt plan` shows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from tt_pipeline.planning.comments import CommentCounts, expected, size_classes
from tt_pipeline.planning.costs import Costs
from tt_pipeline.planning.estimate import Estimate
from tt_pipeline.studies import CommentRules, CommentSample, Study

REACHABLE: Final = 1_000
"""Comments of a video that the API gives at most."""
_MINIMA: Final = (2, 5, 10, 20, 50, 100)
_CAPS: Final = (300, 100)
_DRAWN: Final = (200, 100, 50, 20, 10, 5, 3, 2)
"""Videos of each stratum: of one alone no standard error can be told."""
_RARELY_DAYS: Final = 90
_WORTH_IT: Final = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class CheaperSetting:
    """A study with one setting changed.

    Attributes:
        change: In the study's words; empty for the study as it is.
        comments_kept: Share of the reachable comments, 0 to 1.
        fits: Whether a usual day needs no more than the quota.
        is_drawn: The change draws (fewer) videos at random: few comments are kept, and estimates from them stay
            unbiased.
        keeps_a_sample: What is kept was drawn, by the change or by the study as it is: no share of it is completeness.
    """

    change: str
    per_day: Estimate
    total: Estimate
    comments_kept: float
    fits: bool
    is_drawn: bool = False
    keeps_a_sample: bool = False


def ladder(costs: Costs) -> tuple[CheaperSetting, ...]:
    """The study as it is, then what could be changed: those that fit first, by how many comments they keep."""
    as_is = _setting(costs, "", costs.study)
    changed = [_setting(costs, change, study) for change, study in _changes(costs.study, combined=not as_is.fits)]
    changed += _drawn(costs, as_is)
    # A study without a day to come has no demand a day: there the whole must be less.
    cheaper = [s for s in changed if _is_less(s.per_day, as_is.per_day) and _is_less(s.total, as_is.total)]
    return as_is, *sorted(cheaper, key=lambda s: (not s.fits, -s.comments_kept, s.per_day.likely))


def _is_less(changed: Estimate, as_is: Estimate) -> bool:
    return changed.likely < _WORTH_IT * as_is.likely


def _drawn(costs: Costs, as_is: CheaperSetting) -> list[CheaperSetting]:
    """The largest sample that fits where the study does not, with profiles as they are or refreshed rarely."""
    if as_is.fits or not costs.study.comments.wanted:
        return []
    further = [(f", {change}", study) for change, study in _of_users(costs.study) if study.users.wanted]
    for change, study in [("", costs.study), *further]:
        rules = study.comments
        for most in (most for most in _DRAWN if rules.sample is None or most < rules.sample.per_stratum):
            sample = replace(rules.sample or CommentSample(per_stratum=most), per_stratum=most)
            drawn = replace(study, comments=replace(rules, sample=sample))
            setting = _setting(costs, f"comments.sample: per_stratum {most}{change}", drawn)
            if setting.fits:
                return [setting]
    return []


def _setting(costs: Costs, change: str, study: Study) -> CheaperSetting:
    changed = replace(costs, study=study)
    per_day = changed.in_all(line.per_day for line in changed.main_lines)
    return CheaperSetting(
        change=change,
        per_day=per_day,
        total=changed.in_all(line.total for line in changed.main_lines).whole(),
        comments_kept=_kept(changed),
        fits=per_day.likely <= study.quota.requests_per_day,
        is_drawn=study.comments.wanted and study.comments.sample != costs.study.comments.sample,
        keeps_a_sample=study.comments.wanted and study.comments.sample is not None,
    )


def _changes(study: Study, *, combined: bool) -> Iterator[tuple[str, Study]]:
    yield from _of_comments(study)
    yield from _of_users(study)
    if not combined:
        return
    for change, rarely in _of_users(study):
        if rarely.users.wanted:
            yield from ((f"{fewer}, {change}", both) for fewer, both in _of_comments(rarely) if both.comments.wanted)


def _of_comments(study: Study) -> Iterator[tuple[str, Study]]:
    rules = study.comments
    if not rules.wanted:
        return
    for least in _MINIMA:
        if least > rules.min_comments:
            yield f"min_comments {least}", replace(study, comments=replace(rules, min_comments=least))
    for cap in _CAPS:
        if cap < rules.max_per_video:
            yield f"max_per_video {cap}", replace(study, comments=replace(rules, max_per_video=cap))
    yield "comments: false", replace(study, comments=replace(rules, wanted=False))


def _of_users(study: Study) -> Iterator[tuple[str, Study]]:
    rules = study.users
    if not rules.wanted:
        return
    if rules.refresh_days < _RARELY_DAYS:
        rarely = replace(study, users=replace(rules, refresh_days=_RARELY_DAYS))
        yield f"refresh_days {_RARELY_DAYS}", rarely
    yield "users: false", replace(study, users=replace(rules, wanted=False))


def _kept(costs: Costs) -> float:
    """The share of the reachable comments that the study buys; of those to be drawn on the average of all draws."""
    rules, counts = costs.study.comments, costs.evidence.counts
    if not (rules.wanted and rules.sample):
        return comments_kept(counts, rules)
    classes = size_classes(counts.likely, rules, pl.col("comment_count").clip(0, rules.max_per_video).fill_null(0))
    found = [costs.found_a_day(search).likely for search in costs.study.searches]
    bought = sum(expected(videos, classes, rules.sample.per_stratum) for videos in found)
    each = counts.likely.select((pl.col("weight") * pl.col("comment_count").clip(0, REACHABLE)).sum()).item()
    return min(1.0, bought / (each * sum(found))) if each and sum(found) else 1.0


def comments_kept(counts: CommentCounts, rules: CommentRules) -> float:
    """The share of the reachable comments that these rules buy."""
    count, weight = pl.col("comment_count"), pl.col("weight")
    is_bought = (count >= max(1, rules.min_comments)) & rules.wanted
    bought, reachable = counts.likely.select(
        (weight * count.clip(0, rules.max_per_video) * is_bought).sum().alias("bought"),
        (weight * count.clip(0, REACHABLE)).sum().alias("reachable"),
    ).row(0)
    return float(bought / reachable) if reachable else 1.0
