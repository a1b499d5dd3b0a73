"""Settings that cost less, and the share of the comments that each of them still collects."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tt_pipeline.codebook.limits import MOST_COMMENTS
from tt_pipeline.planning.comments import expected_of_sample, size_classes
from tt_pipeline.planning.costs import Costs
from tt_pipeline.planning.estimate import Estimate
from tt_pipeline.studies import CommentSample, Study

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt status` does without
    import polars as pl

_MIN_COMMENTS: Final = (2, 5, 10, 20, 50, 100)
_MAX_PER_VIDEO: Final = (300, 100)
_PER_STRATUM: Final = (200, 100, 50, 20, 10, 5, 3, 2)
"""A stratum needs at least two videos for a standard error."""
_EVERY_DAYS: Final = 90
_CHEAPER: Final = 0.99
"""A setting is shown if it costs less than this share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheaperSetting:
    """A study with one setting changed, or two.

    Attributes:
        change: As written in the study; empty for the study as it is.
        comments_kept: Share of the reachable comments, 0 to 1.
        fits: A usual day needs no more requests than the quota has.
        is_drawn: Whether the change draws videos at random, or fewer than before; estimates from them are unbiased.
        keeps_a_sample: Whether the videos are drawn, by the change or by the study; then `comments_kept` does not say
            how complete the data is.
    """

    change: str
    per_day: Estimate
    total: Estimate
    comments_kept: float
    fits: bool
    is_drawn: bool = False
    keeps_a_sample: bool = False


def cheaper_settings(costs: Costs) -> tuple[CheaperSetting, ...]:
    """The study as it is, then cheaper settings: first those that fit, then those that keep most comments."""
    as_is = _setting(costs, "", costs.study)
    changed = [_setting(costs, change, study) for change, study in _changes(costs.study, combined=not as_is.fits)]
    if not as_is.fits:
        changed += _largest_sample_that_fits(costs)
    # A study in the past needs no requests on a usual day, so its total must be less.
    cheaper = [s for s in changed if _is_cheaper(s.per_day, as_is.per_day) and _is_cheaper(s.total, as_is.total)]
    return as_is, *sorted(cheaper, key=lambda s: (not s.fits, -s.comments_kept, s.per_day.likely))


def _is_cheaper(changed: Estimate, as_is: Estimate) -> bool:
    return changed.likely < _CHEAPER * as_is.likely


def _largest_sample_that_fits(costs: Costs) -> list[CheaperSetting]:
    """The largest sample that fits, with profiles as they are or refreshed rarely; empty if there is none."""
    if not costs.study.comments.wanted:
        return []
    with_fewer_profiles = [(f", {change}", study) for change, study in _of_users(costs.study) if study.users.wanted]
    for change, study in [("", costs.study), *with_fewer_profiles]:
        rules = study.comments
        for most in (most for most in _PER_STRATUM if rules.sample is None or most < rules.sample.per_stratum):
            sample = replace(rules.sample or CommentSample(per_stratum=most), per_stratum=most)
            drawn = replace(study, comments=replace(rules, sample=sample))
            setting = _setting(costs, f"comments.sample: per_stratum {most}{change}", drawn)
            if setting.fits:
                return [setting]
    return []


def _setting(costs: Costs, change: str, study: Study) -> CheaperSetting:
    changed = costs.with_rules_of(study)
    per_day = changed.in_total(line.per_day for line in changed.main_lines)
    return CheaperSetting(
        change=change,
        per_day=per_day,
        total=changed.in_total(line.total for line in changed.main_lines).rounded(),
        comments_kept=_comments_kept(changed),
        fits=per_day.likely <= study.quota.requests_per_day,
        is_drawn=study.comments.wanted and study.comments.sample != costs.study.comments.sample,
        keeps_a_sample=study.comments.wanted and study.comments.sample is not None,
    )


def _changes(study: Study, *, combined: bool) -> Iterator[tuple[str, Study]]:
    """Changes of one setting, and if combined also of two."""
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
    for least in _MIN_COMMENTS:
        if least > rules.min_comments:
            yield f"min_comments {least}", replace(study, comments=replace(rules, min_comments=least))
    for cap in _MAX_PER_VIDEO:
        if cap < rules.max_per_video:
            yield f"max_per_video {cap}", replace(study, comments=replace(rules, max_per_video=cap))
    yield "comments: false", replace(study, comments=replace(rules, wanted=False))


def _of_users(study: Study) -> Iterator[tuple[str, Study]]:
    rules = study.users
    if not rules.wanted:
        return
    if rules.every_days < _EVERY_DAYS:
        yield f"every_days {_EVERY_DAYS}", replace(study, users=replace(rules, every_days=_EVERY_DAYS))
    yield "users: false", replace(study, users=replace(rules, wanted=False))


def _comments_kept(costs: Costs) -> float:
    """The share of the reachable comments that the study requests; for a sample the expected share."""
    import polars as pl

    rules, counts = costs.study.comments, costs.evidence.counts.likely
    count = pl.col("comment_count")
    reachable = _weighted(counts, count.clip(0, MOST_COMMENTS))
    requested = count.clip(0, rules.max_per_video)
    if not (rules.wanted and rules.sample):
        is_requested = (count >= max(1, rules.min_comments)) & rules.wanted
        return _weighted(counts, requested * is_requested) / reachable if reachable else 1.0
    classes = size_classes(counts, rules, requested.fill_null(0))
    found = [costs.searches.found_a_day(search).likely for search in costs.study.searches]
    kept = sum(expected_of_sample(videos, classes, rules.sample.per_stratum) for videos in found)
    return min(1.0, kept / (reachable * sum(found))) if reachable and sum(found) else 1.0


def _weighted(counts: "pl.DataFrame", value: "pl.Expr") -> float:
    import polars as pl

    return float(counts.select((pl.col("weight") * value).sum()).item())
