"""A first look at a warehouse, as a marimo notebook: `make notebook` opens it on the demo."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="A first look")


@app.cell
def start():
    import warnings

    import altair as alt
    import marimo as mo

    import tt_pipeline

    with warnings.catch_warnings(action="ignore"):  # the next cell shows them
        warehouse = tt_pipeline.open()
    mo.md("""
    # A first look

    `tt_pipeline.open()` is a read-only connection to the published file: nothing you do here can harm it, and nobody
    who collects waits for you. Open it again to see what was published since.
    `TT_DATA_DIR` says which data dir is meant; every table explains itself: `tt describe marts.videos`.
    """)
    return alt, mo, warehouse


@app.cell
def checks(mo, warehouse):
    failed = warehouse.sql("select message from ops.check_results where not has_passed order by all").pl()["message"]
    listed = "\n".join(f"- {message}" for message in failed)
    mo.callout(mo.md(f"**Failed checks**\n\n{listed}"), kind="warn") if listed else mo.md("All checks passed.")


@app.cell
def held(mo, warehouse):
    statuses = warehouse.sql("""
        select search, status, count(*) as days, sum(videos)::bigint as videos
        from marts.daily_volume
        where status is not null
        group by all
        order by all
    """).pl()
    mo.vstack([mo.md("## What is held, and what is missing"), mo.ui.table(statuses, selection=None)])
    return (statuses,)


@app.cell
def choose(mo, statuses):
    search = mo.ui.dropdown(sorted(set(statuses["search"])), value=statuses["search"][0], label="Search")
    search
    return (search,)


@app.cell
def volume(alt, mo, search, warehouse):
    days = warehouse.sql(
        """
        select
          day_date,
          coalesce(videos_fitting_in_last_look, videos_in_last_look, videos) as videos,
          status,
          is_comparable
        from marts.daily_volume
        where search = ? and status is not null
        order by day_date
        """,
        params=[search.value],
    ).pl()
    volume_chart = (
        alt.Chart(days)
        .mark_bar()
        .encode(
            x=alt.X("yearmonthdate(day_date):T", title="UTC day of posting"),
            y=alt.Y("videos:Q", title="Videos found"),
            # Blue for comparable days and orange for all others: told apart by every eye.
            color=alt.condition("datum.is_comparable", alt.value("#0072B2"), alt.value("#D55E00")),
            tooltip=["day_date", "videos", "status", "is_comparable"],
        )
        .properties(width=700, height=220)
    )
    mo.vstack(
        [
            mo.md(
                "## Volume\nThe videos of the last look that match. Compare blue days only: an orange day is not"
                " complete, or its last look is not done, or the search draws a sample, which has as many videos as"
                " were drawn."
            ),
            volume_chart,
        ]
    )


@app.cell
def concentration(alt, mo, search, warehouse):
    shares = warehouse.sql(
        """
        select
          percent_rank() over (order by view_count desc) as share_of_videos,
          sum(view_count) over (order by view_count desc, video_id) / sum(view_count) over () as share_of_views
        from marts.videos
        semi join (from marts.video_searches where is_current and matches is not false and search = ?) using (video_id)
        where view_count is not null
        order by all
        """,
        params=[search.value],
    ).pl()
    mo.stop(shares.is_empty(), mo.md("No video of this search has a number of views."))
    few = shares["share_of_views"][max(1, shares.height // 10) - 1]
    mo.vstack(
        [
            mo.md(f"## How unequal is it?\nThe tenth of the videos that is seen most has {few:.0%} of all views."),
            alt.Chart(shares)
            .mark_line()
            .encode(
                x=alt.X("share_of_videos:Q", title="Share of videos, the most seen first", axis=alt.Axis(format="%")),
                y=alt.Y("share_of_views:Q", title="Share of views", axis=alt.Axis(format="%")),
            )
            .properties(width=700, height=220),
        ]
    )


@app.cell
def ages(alt, mo, search, warehouse):
    growth = warehouse.sql(
        """
        select
          floor(age_days)::int as days_old,
          count(*) as videos,
          quantile_cont(view_count, 0.25) as quarter,
          median(view_count) as half,
          quantile_cont(view_count, 0.75) as three_quarters
        from marts.video_growth
        semi join (from marts.video_searches where is_current and matches is not false and search = ?) using (video_id)
        where view_count is not null
        group by days_old
        having count(*) >= 30
        order by days_old
        """,
        params=[search.value],
    ).pl()
    age = alt.X("days_old:Q", title="Age when the count was fetched, days")
    tooltip = ["days_old", "videos", "quarter", "half", "three_quarters"]
    quartiles = alt.Chart(growth).mark_rule(size=3).encode(x=age, y=alt.Y("quarter:Q"), y2="three_quarters:Q")
    medians = alt.Chart(growth).mark_point(filled=True, size=60)
    mo.vstack(
        [
            mo.md(
                "## Views by age\nThe median and the middle half of at least 30 videos. The videos of one age are not"
                " those of another, so no line joins them: `marts.paired_growth` compares each video with itself."
            ),
            (quartiles + medians.encode(x=age, y=alt.Y("half:Q", title="Views"), tooltip=tooltip)).properties(
                width=700, height=220
            ),
        ]
    )


@app.cell
def pairs(mo, search, warehouse):
    hashtags = warehouse.sql(
        """
        select hashtag, other_hashtag, videos, round(lift, 1) as lift, is_requested
        from marts.hashtag_pairs
        where search = ? and is_current and lift > 1
        order by log_likelihood desc, hashtag, other_hashtag
        limit 10
        """,
        params=[search.value],
    ).pl()
    mo.vstack(
        [
            mo.md(
                "## Hashtags that belong together\nWithin this search: `lift` 1 is chance, 10 is ten times oftener than"
                " chance. A hashtag that the search requests is on most of its videos, so its lift says little."
            ),
            mo.ui.table(hashtags, selection=None),
        ]
    )


@app.cell
def onward(mo):
    mo.md("""
    ## On from here

    `docs/ten-questions.md` has more queries, `docs/using-the-data.md` shows ten mistakes, `docs/read-the-data.md` says
    how to take the data along without changing an id, and `tt export --sample 200 --by search --seed 1` draws a sheet
    for coding by hand.
    """)


if __name__ == "__main__":
    app.run()
