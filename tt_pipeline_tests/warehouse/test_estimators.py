"""Weighted estimates from drawn videos are those of all videos, within their standard errors."""

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tt_pipeline.coverage.sampling import draw_each_video
from tt_pipeline.landing import VideoFacts
from tt_pipeline.simulator import World
from tt_pipeline.studies import CommentSample
from tt_pipeline.vocabulary import VideoId
from tt_pipeline.warehouse.marts import statements
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import CLOCK, comment, comment_page, land, load, page, rows, snowflake, video
from tt_pipeline_tests.warehouse.ops_builders import comment_coverage

DAYS = (date(2026, 11, 3), date(2026, 11, 4))
TIMES = 200


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """A database with the macros."""
    made = duckdb.connect()
    made.execute(next(script for script in statements() if "weighted_mean_se" in script))
    return made


def _world() -> dict[VideoId, tuple[VideoFacts, int]]:
    """Every video of two days of the simulator's world, with the number of its comments that are replies."""
    world = World(last_day=DAYS[-1], seed=7, days=2, videos_per_day=60)
    return {
        VideoId(made.id): (_facts(made.id, day, len(comments)), sum(each.parent_id != made.id for each in comments))
        for day in DAYS
        for made in world.videos(day)
        for comments in [world.comments(made)]
    }


def _facts(video_id: int, day: date, comments: int) -> VideoFacts:
    return VideoFacts(video_id=VideoId(video_id), day=day, username=None, comment_count=comments, mentions=())


ODD_UNITS = """
create table units as
select
  i % 3 as part,
  case when i % 11 > 0 then hash(i) % 1000 end as x,
  case when i % 13 > 0 then 1 + hash(stratum) % 700 / 100 end as w,
  stratum
from (select i, case when hash(i) % 40 > 0 then 'stratum ' || hash(i) % 300 end as stratum from range(900) as made(i))
"""
BY_GROUPS = """
with drawn as (select *, {mean} as mean from units where w is not null and part = {part}),
strata as (
  select
    count(*) * avg(w) * avg(w) * greatest(0, 1 - 1 / avg(w)) as factor,
    coalesce(var_samp(coalesce(x - {shift}, 0)), max((x - mean) * (x - mean)), 0) as variance
  from drawn
  group by stratum
)
select sqrt(sum(factor * variance)) / {divisor} from strata
"""
WEIGHTS = "(select sum(w) from units where x is not null and w is not null and part = {part})"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_standard_errors_are_those_of_plain_groups(connection: duckdb.DuckDBPyConnection, part: int) -> None:
    """Of units without x, weight or stratum and strata of one unit, they equal the formula in SQL with `group by`."""
    connection.execute(ODD_UNITS)
    weights = WEIGHTS.format(part=part)
    mean = f"(select sum(x * w) from units where w is not null and part = {part}) / {weights}"
    of_total = BY_GROUPS.format(mean=mean, part=part, shift="0", divisor="1")
    of_mean = BY_GROUPS.format(mean=mean, part=part, shift="mean", divisor=weights)
    ((total, of_units),) = connection.execute(
        f"select weighted_total_se(x, w, stratum), weighted_mean_se(x, w, stratum) from units where part = {part}"
    ).fetchall()
    alone = "select stratum from units where w is not null group by stratum, part having count(*) = 1"

    assert len(connection.execute(alone).fetchall()) > 10
    assert total == pytest.approx(connection.execute(of_total).fetchall()[0][0], rel=1e-12)
    assert of_units == pytest.approx(connection.execute(of_mean).fetchall()[0][0], rel=1e-12)


def test_standard_errors_of_many_units_need_no_copy_for_each(connection: duckdb.DuckDBPyConnection) -> None:
    """100,000 units of 5,000 strata fit into 200 MB."""
    connection.execute("set memory_limit = '200MB'; set temp_directory = ''")
    sql = "select weighted_mean_se(hash(i) % 1000, 2, i % 5000) from range(100000) as made(i)"
    ((error,),) = connection.execute(sql).fetchall()
    assert error == pytest.approx(1000 / 12**0.5 / 100_000**0.5 * 0.5**0.5, rel=0.05)


def test_estimates_of_many_samples_are_those_of_the_world(connection: duckdb.DuckDBPyConnection) -> None:
    """The mean of 200 estimates is the truth within 2 standard errors, and 9 of 10 intervals of 2 SE contain it."""
    world = _world()
    frame, search_of = [facts for facts, _ in world.values()], dict.fromkeys(world, "climate")
    drawn = pl.DataFrame(
        [
            (seed, drawing.stratum, 1 / drawing.probability, float(world[video_id][1]))
            for seed in range(TIMES)
            for video_id, drawing in draw_each_video(frame, search_of, CommentSample(per_stratum=5, seed=seed)).items()
            if drawing.is_drawn
        ],
        schema=["seed", "stratum", "weight", "replies"],
        orient="row",
    )
    connection.register("drawn", drawn)
    replies = [number for _, number in world.values()]
    truths = {
        "mean": ("replies", sum(replies) / len(replies)),
        "total": ("replies", float(sum(replies))),
        "share": ("replies > 2", sum(number > 2 for number in replies) / len(replies)),
    }
    few, some = ([number for number in replies if number < 3], [number for number in replies if 1 <= number <= 4])
    of_a_part = {  # with `where` instead, only 6 of 10 intervals of the total contain the truth
        "mean": ("case when replies < 3 then replies end", sum(few) / len(few)),
        "total": ("case when replies between 1 and 4 then replies end", float(sum(some))),
    }
    for name, (value, truth) in (*truths.items(), *of_a_part.items()):
        estimates = connection.sql(
            f"select weighted_{name}({value}, weight) as estimate, weighted_{name}_se({value}, weight, stratum) as se"
            " from drawn group by seed"
        ).pl()
        spread = estimates["estimate"].std()
        assert isinstance(spread, float)
        assert estimates["estimate"].mean() == pytest.approx(truth, abs=2 * spread / TIMES**0.5), name
        covered = ((estimates["estimate"] - truth).abs() <= 2 * estimates["se"]).mean()
        assert isinstance(covered, float)
        assert 0.85 <= covered <= 1, name
    plain = connection.sql("select avg(replies) from drawn").fetchall()[0][0]
    assert plain > 1.5 * truths["mean"][1]  # rare videos with many comments are drawn as often as the many others


def test_a_complete_census_has_no_standard_error(connection: duckdb.DuckDBPyConnection) -> None:
    """With weight 1 everywhere the estimate is the plain mean; units without a weight are left out."""
    connection.execute("create table t as from (values (1, 1.0, 'a'), (3, 1.0, 'a'), (9, null, 'a')) as _(x, w, s)")
    sql = "select weighted_mean(x, w), weighted_mean_se(x, w, s), weighted_total(x, w), weighted_share(x > 1, w) from t"
    assert connection.execute(sql).fetchall() == [(2.0, 0.0, 4.0, 0.5)]


def test_nothing_drawn_gives_no_estimate(connection: duckdb.DuckDBPyConnection) -> None:
    """NULL, neither 0 nor an error."""
    connection.execute("create table t (x bigint, w double, s varchar)")
    estimates = "weighted_mean(x, w), weighted_mean_se(x, w, s), weighted_total(x, w), weighted_total_se(x, w, s)"
    assert connection.execute(f"select {estimates} from t").fetchall() == [(None, None, None, None)]


def test_comments_of_an_earlier_draw_are_told_apart(landing: Path, writer_file: Path) -> None:
    """Their video is not sampled now and has no weight, in every mart of comments."""
    pages = [comment_page(comment(1)), comment_page(comment(2, under=2), under=2)]
    load(
        writer_file,
        [land(landing, [page(video(1), video(2))]), land(landing, pages, load_id="comments/2026-10-02/run-1")],
    )
    design = {"stratum": "climate 2026-10-02 1+", "inclusion_probability": 0.25}
    drawn = comment_coverage(snowflake(1), "complete", is_sampled=True, weight=4.0, **design)
    earlier = comment_coverage(snowflake(2), "complete", is_sampled=False, **design)
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.comment_coverage", pl.concat([drawn, earlier]))
    for mart in ("comments", "comment_threads", "discussions", "comment_coverage"):
        found = rows(writer_file, f"select video_id, is_sampled, weight from marts.{mart} order by video_id")
        assert [tuple(row.values()) for row in found] == [
            (str(snowflake(1)), True, 4.0),
            (str(snowflake(2)), False, None),
        ]
