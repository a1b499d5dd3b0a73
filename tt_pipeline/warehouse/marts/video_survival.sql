-- Grain: a search, a version of its query and a video that a complete look of it found.
-- exposure_days = days from the first to the last complete look that found the video; if it is gone, also half of the days
-- until the look that missed it. Gone videos divided by the sum of exposure_days is a rate that compares months.
-- Caveat: a gone video is deleted, hidden or private, no longer matches the query, or was left out once: the API does not
-- say which. A video that was left out and found again is not gone. Random draws and capped days are left out, because
-- a video that they leave out may still be there. Videos that do not fit the query are in it: select
-- `matches is not false`.
-- Example: select search, count(*) filter (is_gone) as gone, sum(exposure_days) as days from marts.video_survival where is_current and matches is not false group by search;
create or replace view marts.video_survival as
with looked as (
  select
    load.load_id,
    -- An integer, because grouping millions of rows by text is slow.
    dense_rank() over (order by load.fingerprint) as query_number,
    load.fingerprint,
    day::date as day_date,
    load.look,
    load.first_fetched_at as observed_at
  from (from ops.loads anti join (from ops.searches where kind = 'once') using (search, fingerprint)) as load,
    unnest(generate_series(load.window_from_date, load.window_to_date, interval 1 day)) as of_(day)
  where load.dataset = 'videos' and not load.is_random and load.ends = 'complete' and load.rejected = 0
),
looks as (
  select
    query_number,
    fingerprint,
    day_date,
    look,
    observed_at,
    row_number() over (partition by query_number, day_date order by look) as number,
    count(*) over (partition by query_number, day_date) as looks
  from (select * exclude (load_id, observed_at), min(observed_at) as observed_at from looked group by all)
),
numbered as (
  select
    looked.load_id,
    looked.query_number,
    looked.day_date,
    looks.number
  from looked
  join looks using (query_number, day_date, look)
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
    numbered.query_number,
    dated.day_date,
    dated.video_id,
    min(numbered.number) as first_number,
    max(numbered.number) as last_number
  from dated
  join numbered using (load_id, day_date)
  group by all
)
select
  seen.video_id::varchar as video_id,
  version.search,
  version.fingerprint,
  version.is_current,
  found.matches,
  seen.day_date as created_date,
  first.look as first_look,
  last.look as last_look,
  first.observed_at as first_seen_at,
  last.observed_at as last_seen_at,
  missed.look as missed_look,
  missed.observed_at as missed_at,
  last.number < last.looks as is_gone,
  first.number < last.looks as is_looked_for,
  (epoch(last.observed_at) - epoch(first.observed_at)) / 86400
    + coalesce((epoch(missed.observed_at) - epoch(last.observed_at)) / 86400 / 2, 0) as exposure_days
from seen
join looks as first
  on first.query_number = seen.query_number and first.day_date = seen.day_date and first.number = seen.first_number
join looks as last
  on last.query_number = seen.query_number and last.day_date = seen.day_date and last.number = seen.last_number
left join looks as missed
  on missed.query_number = seen.query_number and missed.day_date = seen.day_date and missed.number = seen.last_number + 1
join ops.search_versions as version on version.sent_fingerprint = first.fingerprint and version.kind != 'once'
left join core.found_videos as found
  on found.video_id = seen.video_id and found.search = version.search and found.fingerprint = version.fingerprint;
