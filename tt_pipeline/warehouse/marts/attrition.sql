-- Grain: a search, a version of its query and a month of posting.
-- Caveat: videos_looked_for counts videos whose day has a later complete look. A gone video is deleted, hidden or
-- private, no longer matches the query, or was left out once: the API does not say which.
-- Example: select month_date, videos, videos_gone / nullif(videos_looked_for, 0) as share_gone from marts.attrition where search = 'climate' order by month_date;
create or replace view marts.attrition as
with loaded as (
  select
    load_id,
    -- An integer, because grouping millions of rows by text is slow.
    dense_rank() over (order by fingerprint) as query_number,
    fingerprint,
    search,
    look,
    window_from_date,
    window_to_date
  from ops.loads
  anti join (from ops.searches where kind = 'once') using (search, fingerprint)
  where dataset = 'videos' and not is_random and ends = 'complete' and rejected = 0
),
days as (
  select
    query_number,
    day::date as day_date,
    max(look) as last_look
  from loaded, unnest(generate_series(window_from_date, window_to_date, interval 1 day)) as of_(day)
  group by all
),
queries as (
  select
    query_number,
    fingerprint,
    arg_max(search, look) as search
  from loaded
  group by all
),
-- Materialized, because otherwise DuckDB joins the loads first, which is much slower.
dated as materialized (
  select
    snapshot.load_id,
    snapshot.video_id,
    video.created_date as day_date
  from core.video_snapshots as snapshot
  join core.videos as video using (video_id)
),
seen as (
  select
    loaded.query_number,
    dated.video_id,
    dated.day_date,
    min(loaded.look) as first_look,
    max(loaded.look) as last_look
  from dated
  join loaded using (load_id)
  where dated.day_date between loaded.window_from_date and loaded.window_to_date
  group by all
)
select
  coalesce(named.search, any_value(queries.search)) as search,
  queries.fingerprint,
  date_trunc('month', seen.day_date)::date as month_date,
  count(*) as videos,
  count(*) filter (seen.first_look < days.last_look) as videos_looked_for,
  count(*) filter (seen.last_look < days.last_look) as videos_gone
from seen
join days using (query_number, day_date)
join queries using (query_number)
-- A search is identified by its query: requests under an earlier name count for the present name.
left join ops.searches as named on named.fingerprint = queries.fingerprint and named.is_current
group by named.search, queries.fingerprint, month_date;
