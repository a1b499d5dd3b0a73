"""The figures of a study, as a marimo notebook: `tt notebook` opens it."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="What a study shows")


@app.cell
def start():
    import warnings
    from pathlib import Path

    import marimo as mo
    import polars as pl

    import tt_pipeline
    from tt_pipeline.reports import Selection, study_choices, study_figures
    from tt_pipeline.settings import read_settings

    published = Path(mo.cli_args().get("published") or read_settings().files.published)
    choices = study_choices(published)
    mo.md("""
    # What a study shows

    The figures are those of `tt report`, from the same queries of the published file, which is only read.
    Choose searches and days, and every figure is made again of these rows.

    - Days are UTC days of posting; of requests, checks, deletions and lists of accounts they are the days on which
      they happened.
    - A search limits everything that belongs to it. Requests for comments and profiles belong to no single search and
      are left out as soon as you choose one; checks, deletions and lists of accounts stay as they are.
    """)
    return Selection, choices, mo, pl, published, study_figures, tt_pipeline, warnings


@app.cell
def choose(choices, mo):
    searches = mo.ui.multiselect(choices.searches, label="Searches (none chosen: all)")
    first_day, last_day = (
        mo.ui.date(value=day, start=choices.first_day, stop=choices.last_day, label=label)
        for day, label in ((choices.first_day, "First day"), (choices.last_day, "Last day"))
    )
    mo.hstack([searches, first_day, last_day], justify="start") if choices.first_day else searches
    return first_day, last_day, searches


@app.cell
def select(Selection, choices, first_day, last_day, mo, published, searches, study_figures):
    mo.stop(
        choices.first_day is not None and last_day.value < first_day.value,
        mo.callout("The last day is before the first.", kind="warn"),
    )
    selection = Selection(
        searches=tuple(searches.value),
        first_day=first_day.value if first_day.value != choices.first_day else None,
        last_day=last_day.value if last_day.value != choices.last_day else None,
    )
    figures = study_figures(published, selection=selection)
    return (figures,)


@app.cell
def show(figures, mo, pl):
    def rows_of(figure):
        rows = pl.DataFrame([dict(row) for row in figure.rows.rows], infer_schema_length=None)
        return mo.vstack([mo.ui.table(rows, selection=None), mo.md(f"```sql\n{figure.rows.sql}\n```")])

    shown = [
        mo.vstack(
            [mo.Html(figure.as_html()), mo.accordion({"Rows, and the query without the choice": rows_of(figure)})]
        )
        for figure in figures
    ]
    mo.vstack(shown, gap=2) if shown else mo.md("No row belongs to these searches and days.")


@app.cell
def query(mo, published, tt_pipeline, warnings):
    with warnings.catch_warnings(action="ignore"):  # the next line shows them
        warehouse = tt_pipeline.open(published)
    failed = warehouse.sql("select message from ops.check_results where not has_passed order by all").pl()["message"]
    listed = "\n".join(f"- {message}" for message in failed)
    checks = mo.callout(mo.md(f"**Failed checks**\n\n{listed}"), kind="warn") if listed else mo.md("All checks passed.")
    mo.vstack(
        [
            mo.md("""
            ## Your own queries

            `tt_pipeline.open()` is a read-only connection to the published file: nothing you do here can harm it, and
            nobody who collects waits for you. Open it again to see what was published since.
            Every table explains itself: `tt describe marts.videos`.
            """),
            checks,
        ]
    )
    return (warehouse,)


@app.cell
def example(mo, warehouse):
    regions = warehouse.sql("""
        select region_code, count(*) as videos, median(view_count) as views_median
        from marts.videos
        group by all
        order by videos desc, region_code
        limit 10
    """).pl()
    mo.ui.table(regions, selection=None)


if __name__ == "__main__":
    app.run()
