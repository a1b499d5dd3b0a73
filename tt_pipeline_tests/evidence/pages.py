"""The evidence pages as text: one sentence a line, each number with its N, its dates and its seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from tt_pipeline_tests.evidence import early, efficiency, sampling
from tt_pipeline_tests.evidence.early import (
    BOTH_LOOKS,
    FIRST_LOOK,
    NEXT_DAY,
    SAME_DAY,
    Found,
    Haste,
    look_early_and_late,
)
from tt_pipeline_tests.evidence.efficiency import (
    Spending,
    collect_day_by_day,
    collect_in_windows,
    searches,
    total,
)
from tt_pipeline_tests.evidence.laboratory import SEED, Setting
from tt_pipeline_tests.evidence.sampling import PER_STRATUM, WEIGH, Sampling, sample_again_and_again

FOLDER = Path(__file__).parents[2] / "docs" / "evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that the pages tell, measured.

    Attributes:
        spent: Requests by part, by whether 2 % of them fail: all days at once, and day by day.
    """

    sampling: Sampling
    haste: Haste
    spent: Mapping[bool, tuple[list[Spending], list[Spending]]]


def gather(folder: Path) -> Evidence:
    """Carry out every experiment, in new folders below this one."""
    return Evidence(
        sampling=sample_again_and_again(folder / "sampling"),
        haste=look_early_and_late(folder / "early"),
        spent={
            is_faulty: (
                collect_in_windows(folder / f"windows-{is_faulty}", fault_rate=efficiency.FAULT_RATE * is_faulty),
                collect_day_by_day(folder / f"days-{is_faulty}", fault_rate=efficiency.FAULT_RATE * is_faulty),
            )
            for is_faulty in (False, True)
        },
    )


def pages(evidence: Evidence) -> dict[str, str]:
    """Every page by its file name."""
    return {
        "README.md": _index(evidence),
        "sampling.md": _sampling(evidence.sampling),
        "looking-too-early.md": _haste(evidence.haste),
        "efficiency.md": _efficiency(evidence.spent),
    }


def _index(evidence: Evidence) -> str:
    found, haste, (windows, by_day) = evidence.sampling, evidence.haste, evidence.spent[False]
    return f"""\
# What is claimed, measured

Each page tells an experiment on the simulator, which comes along: nothing here was asked of TikTok.
`make evidence` carries all of them out anew and writes these pages; a test compares every number with a fresh run.
What the simulator does not know of TikTok, these numbers do not know either: they show how the product behaves, not how TikTok does.

- [Drawing comments at random](sampling.md): {len(found.weighed)} repetitions of the design find the truth on average, to {abs(found.bias("share_of_replies")):.1f} standard errors; buying the most commented first is {found.standard_errors("share_of_replies", found.best_first.share_of_replies):.0f} standard errors off.
- [Looking too early](looking-too-early.md): asked at the end of the same day a search finds {_percent(haste.client(SAME_DAY).videos / haste.videos)} of the videos, the default looks find {_percent(haste.client(BOTH_LOOKS).videos / haste.videos)}.
- [Requests spent](efficiency.md): {total(windows).ratio:.2f} times the lower bound, where asking day by day spends {searches(by_day).ratio:.2f} times on searches.
"""


def _sampling(found: Sampling) -> str:
    rows = [
        _measure(found, "comments", "comments in all", digits=0),
        _measure(found, "share_of_replies", "replies among all comments", digits=2),
        _measure(found, "share_in_average_video", "replies among the comments of the average video", digits=2),
    ]
    drawn, most = mean(found.values("comments", found.unweighed)), found.best_first.comments
    return f"""\
# Drawing comments at random

`comments: {{sample: {{per_stratum: {PER_STRATUM}}}}}` buys the comments of some videos and lets you speak of all of them.
This page shows that the weights do what they promise, and what happens without them.

## The experiment

{_setting(sampling.SETTING, sampling.DAYS)}
Two searches that overlap find {found.videos:,} videos with comments, which have {found.truth.comments:,.0f} comments that the API shows.
They fall into {found.strata} strata (search, day, size class of `comment_count`); {PER_STRATUM} videos are drawn from each, {found.drawn} in all.
This is repeated {len(found.weighed)} times, with the seeds 1 to {len(found.weighed)} of the study's `sample`, with the product's own code.
Best-first buys as many videos, those with most comments: what a higher `min_comments` selects.
Both cost {found.requests:,.0f} requests{"" if found.requests == found.best_first_requests else f" and {found.best_first_requests:,}"}, counted as pages of 100.

| what is estimated | truth | mean of {len(found.weighed)} estimates | off, in standard errors | SD of an estimate | drawn, not weighed | best-first | best-first is off, in standard errors |
|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}

A standard error is that of the mean of all repetitions: SD / √{len(found.weighed)}.
The test fails where the mean is off by more than 2 of them, or best-first by less than 5.
The 95 % interval of the share of replies, from the standard error that the SQL below gives, holds the truth in {found.intervals_with_truth} of {len(found.weighed)} repetitions.

![Histograms of {len(found.weighed)} estimates of two shares of replies, around the truth; best-first lies outside](sampling.svg)

*{len(found.weighed)} repetitions of a stratified random sample ({found.drawn} of {found.videos:,} videos, {PER_STRATUM} a stratum; simulated data, {sampling.DAYS[0]} to {sampling.DAYS[-1]}). Bars: weighted estimates. Black: the truth. Grey: mean of the same samples without weights. Orange: the {found.drawn} most commented videos instead.*

Under small videos there are fewer replies, because a first comment has nothing to reply to; best-first sees few small videos, so it sees too many replies.
The average video is where that hurts most: half of all videos are small, and they hold few of the comments.
For the same requests best-first brings more comments, {most:,.0f} against {drawn:,.0f}: buy it to read as many as you can, and draw to say something about all.

## How to weigh

`ops.comment_coverage` says of every video that could be drawn its `stratum`, its `inclusion_probability`, and whether it was drawn (`is_sampled`).
A comment counts 1 / `inclusion_probability`; only comments of drawn videos count.
This is the query of the experiment, as it stands; put your own property in the place of `is_reply`:

```sql
{WEIGH.strip()}
```

- `comments` is a Horvitz-Thompson total: unbiased.
- `share_in_average_video` is a mean of videos; the weights of a stratum sum to its number of videos, so it is unbiased too.
- `share_of_replies` is a ratio of two totals (Hájek): its bias shrinks with the number of videos drawn; here it cannot be told from none.
- `standard_error` is that of `share_of_replies`, by linearisation within strata; a stratum that was taken whole adds nothing to it.
- Draw at least two of a stratum: of one, no standard error can be told.

## What the design guarantees, and what not

- Guaranteed: every video of the frame has a probability above 0 that is known before the draw, and chance alone decides, by the video's id and the seed.
- The frame is what the searches found with at least one comment (or `min_comments`) by the latest look; nothing is said about other videos.
- Of a video only the comments that the API gives are there: the first 1,000, without deleted ones.
- Late arrivals: the draw is made anew over what is found by now. A video that appears late, or grows into another size class, changes the probabilities of its stratum and displaces one video at most; what was bought for a displaced one is kept, with `is_sampled` false. Leave it out.
- With `after_days` at or above the last look, as by default, the frame of a day stands before its first comment is bought.
- Interrupted days: drawn videos that are not bought yet are `never_asked` or `paused`. A day's videos are bought in the order of their random numbers, so those of a stratum that are there are a random part of it: leave such days out, or divide each weight by the part of its stratum's drawn videos that is there.
- Videos whose listing failed, was refused or is closed stay drawn, and none is drawn in their place. Weights do not mend that: say how many there are, and think about whether they differ.

```sql
select status, count(*) as videos from ops.comment_coverage where is_sampled group by status
```
"""


def _measure(found: Sampling, measure: str, name: str, *, digits: int) -> str:
    def told(value: float) -> str:
        return f"{value:,.0f}" if digits == 0 else f"{100 * value:.{digits}f} %"

    best = getattr(found.best_first, measure)
    is_total = measure == "comments"
    cells = [
        name,
        told(getattr(found.truth, measure)),
        told(mean(found.values(measure))),
        f"{found.bias(measure):+.1f}",
        told(found.deviation(measure)),
        told(mean(found.values(measure, found.unweighed))),
        told(best),
        "holds no estimate" if is_total else f"{found.standard_errors(measure, best):+.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def _haste(found: Haste) -> str:
    same, following, first, both = map(found.client, (SAME_DAY, NEXT_DAY, FIRST_LOOK, BOTH_LOOKS))
    rows = [
        _client(found, same, "asks at 23:59 of the day itself"),
        _client(found, following, "asks at 12:00 of the next day"),
        _client(found, first, "default, after the look at 3 days"),
        _client(found, both, "default, after the look at 12 days"),
    ]
    return f"""\
# Looking too early

A video appears in TikTok's search up to 48 hours after it was posted, and its counts are up to ten days old.
So each day is looked at when it is 3 and again when it is 12 days old; this page shows what is missed otherwise.

## The experiment

{_setting(early.SETTING, early.DAYS)}
Each video becomes visible 24 to 48 hours after it was posted (`index_lag_h` 48), and its counts are renewed every ten days (`stats_lag_days` 10).
One search is asked for {len(early.DAYS)} days by three clients: two ask each day once and early, the third does at 00:02 UTC of every day what is due, as the schedule does.
In the end, when everything is visible and has stopped growing, there are {found.videos:,} videos with {found.views:,} views.

| client | videos found | videos missed | share found | views by its counts | share of the final views | requests |
|---|---|---|---|---|---|---|
{chr(10).join(rows)}

![The share of a day's videos and views that a search shows, by the days since the day began](looking-too-early.svg)

*What a search shows of a day by the time it is asked ({found.videos:,} videos of {len(early.DAYS)} days, simulated data, {early.DAYS[0]} to {early.DAYS[-1]}). Blue: videos that can be found. Orange: the views that their counts tell, of those they will have. Dashed: when the clients of the table ask.*

What the hasty clients miss never comes back to them: they do not ask again.
The second look finds no video that the first had not; it is there for the counts.
After 12 days counts are still not final: `core.video_snapshots` keeps both looks with the instant of each, and `looks` in the study may name a later age.
"""


def _client(found: Haste, held: Found, name: str) -> str:
    cells = [
        name,
        f"{held.videos:,}",
        f"{found.videos - held.videos:,}",
        _percent(held.videos / found.videos),
        f"{held.views:,}",
        _percent(held.views / found.views),
        f"{held.requests:,}",
    ]
    return f"| {' | '.join(cells)} |"


def _efficiency(spent: Mapping[bool, tuple[list[Spending], list[Spending]]]) -> str:
    return f"""\
# Requests spent

The quota is 1,000 requests a day, so the product is measured by the requests that its rows cost.
The lower bound is what a client that knew everything would spend: full pages over the fewest windows of 30 days, the pages of each listing of comments, one look at each creator.

## The experiment

{_setting(efficiency.SETTING, efficiency.DAYS)}
A quiet, a medium and a busy search, the comments of videos with 30 or more, and every creator, over {len(efficiency.DAYS)} days.
Once all days are asked for together and the product cuts them into windows; once each day is asked for by itself.
Comments and creators cost the same either way, because each is bought once.

## Without faults

{_spent_table(*spent[False])}

The test fails above 1.05 times the lower bound.

## With {100 * efficiency.FAULT_RATE:.0f} % of requests failing

The server answers these with 500, at random, and charges them to the quota.

{_spent_table(*spent[True])}

The test fails above 1.15 times the lower bound.
"""


def _spent_table(windows: Sequence[Spending], by_day: Sequence[Spending]) -> str:
    lines = [
        "| part | rows | lower bound | spent | ratio | day by day | its ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    pairs = zip([*windows, total(windows)], [*by_day, total(by_day)], strict=True)
    for one, other in pairs:
        lines.append(
            f"| {_part(one.part)} | {one.rows:,} | {one.least:,} | {one.requests:,} | {one.ratio:.3f} "
            f"| {other.requests:,} | {other.ratio:.3f} |"
        )
    return "\n".join(lines)


def _part(part: str) -> str:
    return part if part in {"comments", "users", "all"} else f"search `{part}`"


def _setting(setting: Setting, days: Sequence[object]) -> str:
    return (
        f"A simulated TikTok of seed {SEED} with about {setting.videos_per_day:,} videos a day; "
        f"the days are {days[0]} to {days[-1]}."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %".replace(".0 %", " %")
