"""Studies, evidence and found videos for tests of planning: valid by default, override what matters."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from tt_pipeline.planning import CostPart, Estimate, assumed, plan
from tt_pipeline.planning.comments import CommentCounts
from tt_pipeline.planning.evidence import KNOWN_VIDEOS, Evidence, VideoRate
from tt_pipeline.query import Condition, Query
from tt_pipeline.studies import Search, Study, UserRules
from tt_pipeline.vocabulary import ConditionField, Operation

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST = date(2026, 10, 1)


def query_for(field: ConditionField, *values: str) -> Query:
    """A query with one condition: the field has one of the values."""
    return Query(all_of=(Condition(field=field, operation=Operation.IN, values=values),))


def search(name: str = "climate", *words: str, **override: object) -> Search:
    """A search for words, by default for its own name."""
    query = query_for(ConditionField.KEYWORD, *(words or (name,)))
    fields = {"query": query, "first_day": FIRST, "last_day": None, "fingerprint": query.fingerprint()}
    return Search(name=name, **fields | override)  # type: ignore[arg-type]  # fields are what they are


def study(*searches: Search, **override: object) -> Study:
    """Ten days in October, all of them old."""
    fields = {
        "title": "A plan",
        "file": Path("study.yaml"),
        "first_day": FIRST,
        "last_day": date(2026, 10, 10),
        "searches": searches or (search(),),
    }
    return Study(**fields | override)  # type: ignore[arg-type]  # fields are what they are


def make_evidence(*, videos_a_day: float = 30, names: tuple[str, ...] = ("climate",), **override: object) -> Evidence:
    """30 videos a day, none of them hidden; half of them have no comment, the others 150."""
    counts = pl.DataFrame({"comment_count": [0, 150], "weight": [0.5, 0.5]})
    rate = VideoRate(videos=Estimate.exactly(videos_a_day), slots_a_video=Estimate.exactly(1))
    fields = {
        "rates": {search(name).fingerprint: rate for name in names},
        "counts": CommentCounts(fewer=counts, likely=counts, more=counts),
    }
    return Evidence(**fields | override)  # type: ignore[arg-type]  # fields are what they are


def make_videos(columns: dict[str, list[object]]) -> pl.DataFrame:
    """Videos found by one search, in the order in which a sample draws them; columns override the defaults."""
    size = len(columns["day"])
    defaults = {"search": ["climate"] * size, "has_replies": [False] * size, "number": [n / size for n in range(size)]}
    return pl.DataFrame(defaults | columns, schema=KNOWN_VIDEOS)


def likely_requests(study: Study, evidence: Evidence, now: datetime = NOW) -> dict[CostPart, float]:
    """The likely requests of each part of the study."""
    made = plan(study, evidence, now)
    parts = {line.part for line in made.lines}
    return {part: sum(line.total.likely for line in made.lines if line.part is part) for part in parts}


def worked_example() -> tuple[Study, Evidence]:
    """153 days with 1,275 videos each: a study that users of the API have published."""
    made = study(
        search(first_day=date(2026, 12, 1)),
        first_day=date(2026, 12, 1),
        last_day=date(2027, 5, 2),
        looks=(3,),
        users=UserRules(wanted=True, every_days=365),
    )
    return made, assumed(made, NOW, videos_per_day={"climate": 1_275})
