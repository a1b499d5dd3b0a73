"""Finds fields that the API used to return and no longer returns: one query over all columns that can be NULL.

For each load, the query compares the share of filled values before it with the share since then, by search or dataset.
It reports a field if at least a hundred values were expected and fewer than half of them were returned, with the load
that has the largest difference. This is a hint and not a proof, because videos of one creator or event are similar.

A load is compared only if its days are not earlier than those of any previous load. A backfill of 2023 can lack a field
that TikTok introduced in 2025, and so does not show what the API does now.
"""

from tt_pipeline.warehouse.catalog import TABLES

_EXPECTED = 100
_WATCHED = {
    # A list of an account returns fewer fields than a search.
    "core.videos": "starts_with(load_id, 'videos/')",
    "core.video_snapshots": "starts_with(load_id, 'videos/')",
    "core.comments": "true",
    "core.comment_snapshots": "true",
    "core.user_snapshots": "refusal is null",
}


def fields_that_fell_silent() -> str:
    """The query; grain: a field of a table and a search or dataset, with the date and the shares before and after."""
    parts = " union all ".join(f"({_filled(table, rows)})" for table, rows in _WATCHED.items())
    return _QUERY.format(parts=parts, expected=_EXPECTED)


def _filled(table: str, rows: str) -> str:
    """SQL for each load and field: the number of rows, and the number of rows with a value."""
    columns = [column.name for column in TABLES[table].columns if column.missing and column.name != "refusal"]
    counts = ", ".join(f"count({name}) as {name}" for name in columns)
    return (
        f"select '{table}' as table_name, load_id, field, loaded, filled from"
        f" (unpivot (select load_id, count(*) as loaded, {counts} from {table} where {rows} group by load_id)"
        f" on {', '.join(columns)} into name field value filled)"
    )


_QUERY = """
with moved as (
  select
    load_id,
    dataset,
    search,
    fingerprint,
    first_fetched_at,
    window_to_date >= max(window_to_date) over (
      partition by dataset, search, fingerprint
      order by first_fetched_at, load_id
    ) as is_forward
  from ops.loads
),
filled as ({parts}),
around as (
  select
    table_name,
    field,
    load.dataset,
    load.search,
    load.first_fetched_at as since_at,
    sum(filled) over before / sum(loaded) over before as share_before,
    sum(filled) over since as filled_since,
    sum(loaded) over since as loaded_since
  from filled
  join moved as load using (load_id)
  where load.is_forward
  window
    before as (
      partition by table_name, field, load.dataset, load.search, load.fingerprint
      order by load.first_fetched_at, load_id rows between unbounded preceding and 1 preceding
    ),
    since as (
      partition by table_name, field, load.dataset, load.search, load.fingerprint
      order by load.first_fetched_at, load_id rows between current row and unbounded following
    )
)
select
  table_name,
  field,
  dataset,
  search,
  since_at,
  round(share_before, 3) as share_before,
  round(filled_since / loaded_since, 3) as share_since
from around
where share_before * loaded_since >= {expected} and filled_since < share_before * loaded_since / 2
qualify row_number() over (
  partition by table_name, field, dataset, search order by share_before - filled_since / loaded_since desc, since_at
) = 1
order by table_name, field, search
"""
