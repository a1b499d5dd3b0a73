"""200 repetitions of the draw of videos, each weighed with the page's SQL, compared with most-commented-first.

The videos are collected once, as the product does; each repetition draws among them with the product's own code and
another seed. Of the drawn videos' comments the truth is taken: those that the API would show.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import duckdb
import polars as pl

from tt_pipeline.coverage.comments import CommentCoverage
from tt_pipeline.coverage.sampling import Drawing
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.delivery import load_landed, on_writer, write_ops_tables
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import VideoFacts
from tt_pipeline.simulator import Simulator
from tt_pipeline.studies import CommentSample
from tt_pipeline.vocabulary import Dataset, VideoId
from tt_pipeline_tests.labs.evidence.laboratory import Setting, opened

REPETITIONS = 200
PER_STRATUM = 2
DAYS = days_between(date(2026, 10, 10), date(2026, 11, 8))
WEIGH = (Path(__file__).parent / "weigh.sql").read_text(encoding="utf-8")
SETTING = Setting(
    study=f"""\
study: Two overlapping searches
start: {DAYS[0]}
searches:
  climate: {{hashtags: [climate, klima]}}
  green: {{hashtags: [klima, solarpower, climatechange]}}
comments: {{sample: {{per_stratum: {PER_STRATUM}, seed: 1}}}}
quota: {{requests_per_day: 1000000, requests_per_second: 1}}
""",
    now=datetime(2026, 11, 20, 12, tzinfo=UTC),
    days=45,
    videos_per_day=1_000,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A row of weigh.sql.

    Attributes:
        comments: All comments.
        share_of_replies: The share of replies among all comments.
        share_in_average_video: The mean over videos of the share of replies among a video's comments.
        standard_error: The standard error of the share among all comments.
    """

    comments: float
    share_of_replies: float
    share_in_average_video: float
    standard_error: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share among all comments."""
        return (
            self.share_of_replies - 1.96 * self.standard_error,
            self.share_of_replies + 1.96 * self.standard_error,
        )


MEASURES = ("comments", "share_of_replies", "share_in_average_video")
"""What is estimated, as attributes of an estimate."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """The results of all repetitions.

    Attributes:
        videos: Videos that can be drawn.
        strata: Strata of these videos.
        drawn: Videos that a repetition draws; best-first has as many.
        requests: Requests for the comments of the drawn videos, on average over the repetitions.
        best_first_requests: Requests for as many of the most commented videos.
        collected: The estimate from a warehouse into which seed 1 was collected, page by page.
        requests_collected: Requests for the comments of that collection.
        weighed: The estimates, by seed.
        unweighed: The same videos, as if all had been drawn with the same probability.
        best_first: The estimate from the most commented videos.
    """

    videos: int
    strata: int
    drawn: int
    requests: float
    best_first_requests: int
    truth: Estimate
    collected: Estimate
    requests_collected: int
    weighed: tuple[Estimate, ...]
    unweighed: tuple[Estimate, ...]
    best_first: Estimate

    def values(self, measure: str, estimates: Iterable[Estimate] | None = None) -> list[float]:
        """A measure in each repetition, by default of the weighed estimates."""
        return [getattr(each, measure) for each in (self.weighed if estimates is None else estimates)]

    def deviation(self, measure: str) -> float:
        """The standard deviation of the weighed estimates: the typical error of a single study."""
        return stdev(self.values(measure))

    def standard_errors(self, measure: str, found: float) -> float:
        """How many standard errors of the mean of all repetitions lie between a value and the truth."""
        return float((found - getattr(self.truth, measure)) / (self.deviation(measure) / len(self.weighed) ** 0.5))

    def bias(self, measure: str) -> float:
        """How many standard errors the mean of the weighed estimates is off."""
        return self.standard_errors(measure, mean(self.values(measure)))

    @property
    def intervals_with_truth(self) -> int:
        """The number of repetitions whose 95 % interval contains the true share."""
        return sum(low <= self.truth.share_of_replies <= high for low, high in (each.interval for each in self.weighed))


def sample_again_and_again(folder: Path) -> Sampling:
    """Collect the videos, draw and weigh with each seed, then collect the comments of the first seed's draw."""
    with opened(SETTING, folder) as lab, lab.session() as session:
        for search in session.study.searches:
            collect_videos(session, search, DAYS)
        repetitions = _Repetitions(session.coverage().comments, lab.simulator)
        requests = collect_comments(session, DAYS).receipt.requests
        return repetitions.result(_ask_the_warehouse(session), requests)


def _ask_the_warehouse(session: CollectionSession) -> Estimate:
    load_landed(session, *Dataset)
    write_ops_tables(session)
    return on_writer(session, lambda writer: _estimate(writer.query(WEIGH)))


def _estimate(answer: pl.DataFrame) -> Estimate:
    (row,) = answer.select(field.name for field in fields(Estimate)).rows(named=True)
    return Estimate(**row)


@dataclass(frozen=True)
class _Repetitions:
    coverage: CommentCoverage
    simulator: Simulator

    def result(self, collected: Estimate, requests_collected: int) -> Sampling:
        draws = [self.drawn(seed) for seed in range(1, REPETITIONS + 1)]
        best_first = self.most_commented(sum(drawing.is_drawn for drawing in draws[0].values()))
        return Sampling(
            videos=len(self.frame),
            strata=len({drawing.stratum for drawing in draws[0].values()}),
            drawn=len(best_first),
            requests=mean(sum(self.pages[video_id] for video_id in _drawn(draw)) for draw in draws),
            best_first_requests=sum(self.pages[video_id] for video_id in best_first),
            truth=self.weigh(_alike(self.frame)),
            collected=collected,
            requests_collected=requests_collected,
            weighed=tuple(map(self.weigh, draws)),
            unweighed=tuple(self.weigh(_alike(_drawn(draw))) for draw in draws),
            best_first=self.weigh(_alike(best_first)),
        )

    @cached_property
    def found(self) -> list[VideoFacts]:
        return [video for videos in self.coverage.videos_by_day.values() for video in videos]

    @cached_property
    def frame(self) -> list[VideoId]:
        return list(self.coverage.drawings)

    def drawn(self, seed: int) -> dict[VideoId, Drawing]:
        """The draw of the product with a seed."""
        sample = CommentSample(per_stratum=PER_STRATUM, seed=seed)
        return replace(self.coverage, rules=replace(self.coverage.rules, sample=sample)).drawings

    def most_commented(self, count: int) -> list[VideoId]:
        """The most commented videos, in the order in which the product requests them without a sample."""
        candidates = [video for video in self.found if video.video_id in self.coverage.drawings]
        candidates.sort(key=lambda video: (-(video.comment_count or 0), video.video_id))
        return [video.video_id for video in candidates[:count]]

    @cached_property
    def comments(self) -> dict[VideoId, list[dict[str, Any]]]:
        """The comments of every found video, as rows of core.comments."""
        return {video.video_id: list(_shown(self.simulator, video.video_id)) for video in self.found}

    @cached_property
    def pages(self) -> dict[VideoId, int]:
        """The requests for each video's comments."""
        return {video_id: max(1, -(-len(rows) // 100)) for video_id, rows in self.comments.items()}

    @cached_property
    def warehouse(self) -> duckdb.DuckDBPyConnection:
        """A warehouse with comments of all videos of the frame; coverage says which of them count."""
        connection = duckdb.connect(":memory:")
        connection.sql("create schema core")
        connection.sql("create schema ops")
        rows = pl.DataFrame([row for video_id in self.frame for row in self.comments[video_id]])
        connection.register("rows", rows)
        connection.sql("create table core.comments as select * from rows")
        return connection

    def weigh(self, drawings: dict[VideoId, Drawing]) -> Estimate:
        """The result of weigh.sql with this coverage."""
        coverage = [
            {
                "video_id": video_id,
                "stratum": drawing.stratum,
                "inclusion_probability": drawing.probability,
                "is_sampled": drawing.is_drawn,
            }
            for video_id, drawing in drawings.items()
        ]
        self.warehouse.register("coverage_rows", pl.DataFrame(coverage))
        self.warehouse.sql("create or replace table ops.comment_coverage as select * from coverage_rows")
        return _estimate(self.warehouse.sql(WEIGH).pl())


def _drawn(drawings: Mapping[VideoId, Drawing]) -> list[VideoId]:
    return [video_id for video_id, drawing in drawings.items() if drawing.is_drawn]


def _shown(simulator: Simulator, video_id: VideoId) -> Iterator[dict[str, Any]]:
    video, shown = simulator.world.video(video_id), set(simulator.truth_comments(video_id))
    for comment in simulator.world.comments(video) if video else ():
        if comment.id in shown:
            yield {
                "comment_id": comment.id,
                "video_id": video_id,
                "is_reply": comment.parent_id != video_id,
            }


def _alike(videos: Iterable[VideoId]) -> dict[VideoId, Drawing]:
    """The estimate as if these videos had been drawn with certainty."""
    return {v: Drawing(stratum="all", probability=1.0, number=0.0, is_drawn=True) for v in videos}
