"""The parts of the report, the most important first. A part is one SQL file in `sql/` and one row here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from tt_pipeline.codebook.statuses import ACCOUNT_STATUSES, COMMENT_STATUSES, SEARCH_STATUSES
from tt_pipeline.counted import counted
from tt_pipeline.reports import charts
from tt_pipeline.reports.charts import Frame
from tt_pipeline.reports.charts.marks import Chart
from tt_pipeline.reports.study_report import leads
from tt_pipeline.reports.study_report.rows import Row, Rows, largest_searches

Drawing = Callable[[Sequence[Row], Frame], Chart]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the report.

    Attributes:
        name: Its SQL file, and its anchor in the page.
        title: Its heading.
        draws: What the figure shows, for people who do not see it; the lead follows.
        lead: One or two sentences with the main numbers.
        n: How many of what the figure is made of.
        caveat: What a reader could misunderstand, in plain words.
        draw: Draws the figure; it gets at least one row.
        rows_to_draw: The rows that are drawn, if not all; no figure if there are none.
        personal: Columns with names or ids, which are left out unless the reader wants names.
        meanings: Meanings of the statuses in the part.
    """

    name: str
    title: str
    draws: str
    lead: Callable[[Rows], str]
    n: Callable[[Rows], str]
    caveat: str
    draw: Drawing
    rows_to_draw: Callable[[Rows], Sequence[Row]] = lambda rows: rows.rows
    personal: frozenset[str] = frozenset()
    meanings: Mapping[str, str] = field(default_factory=dict)


def _sum(column: str, noun: str) -> Callable[[Rows], str]:
    """`n = 1,234 videos`: the sum of a column."""
    return lambda rows: counted(rows.total(column), noun)


def _bars(name: str, number: str, title: str, **further: Any) -> Drawing:
    return partial(charts.bars, name=name, number=number, title=title, **further)


def _ranked(noun: str, name: str) -> Drawing:
    """Bars named by `name`; if names are left out, by their rank."""

    def draw(rows: Sequence[Row], frame: Frame) -> Chart:
        named = [dict(row) | {"shown": row.get(name, f"{noun} {row['rank']}")} for row in rows]
        return charts.bars(named, frame, name="shown", number="videos", title="Videos")

    return draw


def _draw_volume(rows: Sequence[Row], frame: Frame) -> Chart:
    shown = [dict(row) | {"is_gap": not row["is_comparable"]} for row in rows]
    return charts.volume(shown, frame, found="videos_found", fitting="videos_fitting")


def _draw_draws(rows: Sequence[Row], frame: Frame) -> Chart:
    shown = [dict(row) | {"is_gap": row["status"] != "complete"} for row in rows]
    return charts.volume(shown, frame, found="videos_drawn", fitting="videos_fitting")


def _draw_growth(rows: Sequence[Row], frame: Frame) -> Chart:
    named = [dict(row) | {"pair": leads.pair(row)} for row in rows]
    return charts.intervals(
        named,
        frame,
        name="pair",
        lower="view_growth_q1",
        middle="view_growth_median",
        upper="view_growth_q3",
        title="Views gained between two looks: quartiles and median",
    )


def _draw_estimates(rows: Sequence[Row], frame: Frame) -> Chart:
    return charts.intervals(
        rows,
        frame,
        name="quantity",
        lower="lower_95",
        middle="estimate",
        upper="upper_95",
        title="Estimate and 95 % interval",
    )


def _draw_hours(rows: Sequence[Row], frame: Frame) -> Chart:
    return charts.week(rows, frame)


def _draw_health(rows: Sequence[Row], frame: Frame) -> Chart:
    named = [dict(row) | {"named": f"{row['endpoint']}: {row['answer']}"} for row in rows]
    return charts.bars(named, frame, name="named", number="requests", title="Requests")


def _draw_deletions(rows: Sequence[Row], frame: Frame) -> Chart:
    named = [dict(row) | {"named": f"{row['subject']}: {row['reason']}"} for row in rows]
    return charts.bars(named, frame, name="named", number="deletions", title="Deleted items")


def _draw_lists(rows: Sequence[Row], frame: Frame) -> Chart:
    named = [
        {
            "named": f"{row['list']}, {row['day_date']}",
            "new": row["entries_new"] or 0,
            "vanished": row["entries_vanished"] or 0,
            "as before": row["entries"] - (row["entries_new"] or 0),
        }
        for row in rows
    ]
    return charts.stacked_bars(named, frame, name="named", stacks=("as before", "new", "vanished"), title="Entries")


_OTHER_STUDIES: Final = "All studies that use the same quota ledger are counted."

PARTS: Final[Sequence[Part]] = (
    Part(
        name="coverage",
        title="Which days are complete",
        draws="A row for each search and a coloured field for each run of days with the same status.",
        lead=leads.coverage,
        n=lambda rows: counted(rows.total("days"), "day") + " of searches",
        caveat="A day that is not complete has too few videos, so a lower number there is no decrease.",
        draw=charts.calendar,
        rows_to_draw=lambda rows: largest_searches(rows, ("days",), 30)[:1_500],
        meanings=SEARCH_STATUSES,
    ),
    Part(
        name="volume",
        title="Videos a day of each search",
        draws="Bars for each UTC day, a panel for each search: found videos, and in front of them those that fit.",
        lead=leads.volume,
        n=_sum("videos_fitting", "fitting video"),
        caveat="Hatched days cannot be compared: they are not complete, were cut off, or their last look is not done."
        " Do not add up searches, because a video that two searches found counts in both.",
        draw=_draw_volume,
        rows_to_draw=lambda rows: largest_searches(rows, ("videos_fitting",), 8),
    ),
    Part(
        name="draws",
        title="Random samples",
        draws="Bars for each UTC day, a panel for each search that draws samples: drawn videos, and those that fit.",
        lead=leads.draws,
        n=_sum("videos_drawn", "drawn video"),
        caveat="The height of a bar is the size of the sample, so it says nothing about how many videos were posted.",
        draw=_draw_draws,
        rows_to_draw=lambda rows: largest_searches(rows, ("videos_drawn",), 8),
    ),
    Part(
        name="ids",
        title="Lists of video ids",
        draws="A bar for each search and month of upload: ids that are still shown, not shown, and not known.",
        lead=leads.ids,
        n=_sum("ids", "id"),
        caveat="An id that is not shown is deleted or hidden, or never existed: the API does not say which.",
        draw=lambda rows, frame: charts.stacked_bars(
            [dict(row) | {"named": f"{row['month_date']:%Y-%m} {row['search']}"} for row in rows],
            frame,
            name="named",
            stacks=("ids_shown", "ids_not_shown", "ids_unknown"),
            title="Ids",
        ),
        rows_to_draw=lambda rows: rows.rows[-40:],
    ),
    Part(
        name="comments",
        title="Whether comments are complete",
        draws="A bar for each status with its number of videos.",
        lead=leads.comments,
        n=_sum("videos", "video"),
        caveat="The API returns at most the first thousand comments of a video. Comments have no author.",
        draw=_bars("status", "videos", "Videos"),
        meanings=COMMENT_STATUSES,
    ),
    Part(
        name="estimates",
        title="Comments, estimated from the sample",
        draws="A point with an interval of 95 % for each estimate per video.",
        lead=leads.estimates,
        n=lambda rows: counted(rows.rows[0]["videos"], "drawn video") + " with known comments",
        caveat="The estimates are for videos whose comments could be drawn, not for all videos. Drawn videos whose"
        " comments are not known are left out, so totals are too small while there are some.",
        draw=_draw_estimates,
        rows_to_draw=lambda rows: [row for row in rows.rows if row["quantity"].endswith("per video")],
    ),
    Part(
        name="growth",
        title="How views of the same video grow",
        draws="For each search and pair of looks a line from the first to the third quartile, with a point "
        "at the median.",
        lead=leads.growth,
        n=lambda rows: counted(rows.total("videos"), "pair") + " of two looks at one video",
        caveat="Each video is compared with itself; different rows are of different videos, so do not join them. Counts"
        " can be ten days older than the look. Pairs with fewer than 30 videos are left out.",
        draw=_draw_growth,
        rows_to_draw=lambda rows: rows.rows[:24],
    ),
    Part(
        name="quota",
        title="Requests by day and use",
        draws="Stacked bars for each UTC day of the quota, and a diamond at the number that returned nothing.",
        lead=leads.quota,
        n=_sum("requests", "charged request"),
        caveat=f"Diamonds are requests that were charged and returned nothing. {_OTHER_STUDIES}",
        draw=charts.requests_by_day,
        rows_to_draw=lambda rows: rows.rows[-600:],
    ),
    Part(
        name="hashtags",
        title="Frequent hashtags",
        draws="A bar for each hashtag with its number of videos.",
        lead=leads.hashtags,
        n=lambda rows: f"{counted(rows.total('videos'), 'use')} of {counted(len(rows.rows), 'hashtag')}",
        caveat="Hashtags that a search requests lead by construction. A hashtag of fewer than three creators is left"
        " out, because it can name a person.",
        draw=_bars("hashtag", "videos", "Videos"),
    ),
    Part(
        name="sounds",
        title="Frequent sounds",
        draws="A bar for each of the twenty most frequent sounds with its number of videos.",
        lead=partial(leads.ranked, noun="sound"),
        n=lambda rows: f"{counted(rows.total('videos'), 'video')} with one of {counted(len(rows.rows), 'sound')}",
        caveat="The API returns a sound's id without its name. Without --names the report shows ranks.",
        draw=_ranked("Sound", "music_id"),
        personal=frozenset({"music_id"}),
    ),
    Part(
        name="effects",
        title="Frequent effects",
        draws="A bar for each effect with its number of videos.",
        lead=leads.effects,
        n=lambda rows: f"{counted(rows.total('videos'), 'use')} of {counted(len(rows.rows), 'effect')}",
        caveat="The API leaves effects out of most videos, so these numbers are lower bounds.",
        draw=_bars("effect_name", "videos", "Videos"),
    ),
    Part(
        name="creators",
        title="Creators with most videos",
        draws="A bar for each of the twenty creators with most videos.",
        lead=partial(leads.ranked, noun="creator"),
        n=lambda rows: f"{counted(rows.total('videos'), 'video')} of {counted(len(rows.rows), 'creator')}",
        caveat="Only videos that the searches found are counted, not all videos of a creator. Without --names the"
        " report shows ranks.",
        draw=_ranked("Creator", "username"),
        personal=frozenset({"username"}),
    ),
    Part(
        name="hours",
        title="When videos are posted",
        draws="A field for each weekday and hour; more videos are a stronger colour.",
        lead=leads.hours,
        n=_sum("videos", "video"),
        caveat="Hours are those of the stated zone, not of the place where a video was posted. Searches that were cut"
        " off at a cap are left out, because a cap keeps the newest videos of a day. A video that a list and a sample"
        " found counts in both.",
        draw=_draw_hours,
    ),
    Part(
        name="concentration",
        title="How unequal views are",
        draws="A curve for each search: the share of all views that the most seen videos have; the grey "
        "line is equality.",
        lead=leads.concentration,
        n=leads.videos_of_curves,
        caveat="Latest known views: young videos have had less time. Searches with fewer than 30 videos are left out.",
        draw=charts.concentration,
    ),
    Part(
        name="survival",
        title="How long videos stay",
        draws="A falling curve for each search with a band of 95 %: the share of videos that looks still return.",
        lead=leads.survival,
        n=leads.videos_at_risk,
        caveat="Kaplan-Meier's estimate from videos that a later complete look could return. A video vanished between"
        " two looks and counts as gone half-way. Gone is deleted, hidden, private, no longer matching, or left out"
        " once: the API does not say which. The vertical axis need not begin at 0.",
        draw=charts.survival,
    ),
    Part(
        name="hidden",
        title="Slots that the API does not fill",
        draws="A line for each window of days at the share of its slots without a record, a panel for each search.",
        lead=leads.hidden,
        n=_sum("slots", "slot"),
        caveat="The API counts deleted, private and withheld videos and does not return them. Older videos "
        "have had more"
        " time to vanish, so compare looks at the same age.",
        draw=charts.shares_by_window,
        rows_to_draw=lambda rows: largest_searches(rows, ("slots",), 8)[:1_200],
    ),
    Part(
        name="network",
        title="Hashtags that occur together",
        draws="Hashtags as points and pairs as lines; a wider line is a stronger association.",
        lead=leads.network,
        n=lambda rows: counted(len(rows.rows), "pair") + " of hashtags",
        caveat="Within one search. Width is NPMI: 0 is chance, 1 is never apart. Hashtags that the search requests are"
        " left out. Distances in the picture mean nothing.",
        draw=charts.network,
    ),
    Part(
        name="threads",
        title="Replies to comments",
        draws="A bar for each number of replies with its number of threads.",
        lead=leads.threads,
        n=_sum("threads", "thread"),
        caveat="Collected replies; a listing leaves some out. The bars are not weighted: the table has the estimate for"
        " all videos that could be drawn.",
        draw=_bars("replies", "threads", "Threads"),
    ),
    Part(
        name="regions",
        title="Regions",
        draws="Bars of shares, a panel for each search, for the regions in which creators registered.",
        lead=leads.regions,
        n=_sum("videos", "video"),
        caveat="The region is that of the account, not where a video was made. A search for regions has them by"
        " construction.",
        draw=partial(charts.bars_by_search, name="region_code", number="share_of_videos", title="Share of videos"),
        rows_to_draw=lambda rows: largest_searches(rows, ("videos",), 4),
    ),
    Part(
        name="labels",
        title="Transcripts, labels and tags",
        draws="Bars of shares, a panel for each search, for three fields that only some videos have.",
        lead=leads.labels,
        n=lambda rows: counted(sum({row["search"]: row["videos"] for row in rows.rows}.values()), "video"),
        caveat="A video without a transcript can have speech. Labels and tags were introduced in steps.",
        draw=partial(charts.bars_by_search, name="field", number="share_of_videos", title="Share of videos"),
        rows_to_draw=lambda rows: largest_searches(rows, ("videos",), 4),
    ),
    Part(
        name="people",
        title="Profiles, refusals and renames",
        draws="A bar for each result of requesting a profile, and for known renames.",
        lead=leads.people,
        n=lambda rows: counted(sum(row["accounts"] for row in rows.rows if row["result"] != "renamed"), "account"),
        caveat="A rename is known only if a video was found before and after it.",
        draw=_bars("result", "accounts", "Accounts"),
        meanings={f"profile {status}": meaning for status, meaning in ACCOUNT_STATUSES.items()},
    ),
    Part(
        name="lists",
        title="Lists of observed accounts",
        draws="A bar for each list and day of observation: entries as before, new, and vanished since.",
        lead=leads.lists,
        n=_sum("entries", "entry"),
        caveat="Of large accounts the API returns only the latest followers, so older ones seem to vanish.",
        draw=_draw_lists,
        rows_to_draw=lambda rows: rows.rows[-40:],
    ),
    Part(
        name="health",
        title="How the API answered",
        draws="A bar for each endpoint and kind of answer with its number of requests.",
        lead=leads.health,
        n=_sum("requests", "request"),
        caveat=f"Seconds include the transfer. {_OTHER_STUDIES}",
        draw=_draw_health,
    ),
    Part(
        name="duties",
        title="Checks of what is stored",
        draws="A bar for each kind of item: verified in time, overdue, and missing at the last check.",
        lead=leads.duties,
        n=_sum("items", "item"),
        caveat="What a check has missed is left out of the published file until it is deleted or comes back.",
        draw=partial(
            charts.stacked_bars, name="kind", stacks=("verified_in_time", "overdue", "missing"), title="Stored items"
        ),
    ),
    Part(
        name="deletions",
        title="Deletions",
        draws="A bar for each kind of item and reason.",
        lead=leads.deletions,
        n=_sum("deletions", "deletion"),
        caveat="Deleted from this data dir. Who received a copy has to delete there too.",
        draw=_draw_deletions,
    ),
)
