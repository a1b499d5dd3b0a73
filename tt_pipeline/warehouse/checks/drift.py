"""Fields that the API used to fill and no longer fills: one query over every column that may be missing.

What a search (or dataset) gave before a load is compared with what it gave since then; of all loads the one with the
largest difference is reported. A field is reported when at least a hundred values were expected and fewer than half of
them came. That is a reason to look and no proof: videos of one creator, or about one event, are alike.

Only loads that move forward are compared: those about no earlier days than any load before them. Videos of 2023 may
never have had a field that came in 2025, so a backfill of them says nothing of what the API does now.
"""

from tt_pipeline.warehouse.catalog import TABLES

_EXPECTED = 100
_WATCHED = {
    # A list of an account gives fewer fields than a search.
    "core.videos": "starts_with(load_id, 'videos/')",
    "core.video_snapshots": "starts_with(load_id, 'videos/')",
    "core.comments": "true",
    "core.comment_snapshots": "true",
    "core.user_snapshots": "refusal is null",
}


def fields_that_fell_silent() -> str:
    """The query: grain a field of a table, of a search or dataset; since when, and the shares before and after."""
    parts = " union all ".join(f"({_filled(table, rows)})" for table, rows in _WATCHED.items())
    return _QUERY.format(parts=parts, expected=_EXPECTED)


def _filled(table: str, rows: str) -> str:
    """By load and field, how many rows there are and how many have a value."""
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
