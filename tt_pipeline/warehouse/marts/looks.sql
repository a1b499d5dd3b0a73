-- Grain: a search, a version of its query, a UTC day and a look at it. Videos that do not fit the query are in it.
-- videos = videos of the complete look before - videos_vanished + videos_new.
-- The fingerprint of a list of ids is that of the part that was requested.
-- Caveat: `look` is counted for all days that were requested together, so the first look at a day can have number 2: the
-- second complete look at a day is the row with looks = 2 and is_complete. A look that is not complete, or has a page that cannot be read, has too
-- few videos and is not compared; random draws are left out.
-- Example: select day_date, looks, videos, videos_new, videos_vanished from marts.looks where search = 'climate';
create or replace view marts.looks as
with looked as (
  select
    load.fingerprint,
    -- An integer, because sorting millions of rows by text is slow.
    dense_rank() over (order by load.fingerprint) as query_number,
    day::date as day_date,
    load.look,
    load.first_fetched_at as observed_at,
    load.load_id,
    coalesce(load.ends = 'complete' and load.rejected = 0, false) as is_complete,
    count(*) filter (is_complete) over earlier as number
  from (from ops.loads anti join (from ops.searches where kind = 'once') using (search, fingerprint)) as load, unnest(generate_series(load.window_from_date, load.window_to_date, interval 1 day)) as of_(day)
  -- A window that was split is left out: the smaller windows that replaced it have its days.
  where load.dataset = 'videos' and not load.is_random and load.ends is distinct from 'split'
  window earlier as (partition by load.fingerprint, day order by load.look rows unbounded preceding)
),
-- Materialized, because otherwise DuckDB joins the looks first, which is much slower.
dated as materialized (
  select
    snapshot.load_id,
    snapshot.video_id,
    video.created_date as day_date
  from core.video_snapshots as snapshot
  join core.videos as video using (video_id)
),
found as materialized (
  select
    looked.query_number,
    looked.day_date,
    looked.look,
    looked.number,
    looked.is_complete,
    dated.video_id
  from dated
  join looked using (load_id, day_date)
),
counted as (
  select
    query_number,
    day_date,
    look,
    count(*) as videos
  from found
  group by all
),
kept as (
  select
    now.query_number,
    now.day_date,
    now.look,
    count(*) as videos_kept
  from found as now
  join found as before
    on now.video_id = before.video_id
    and now.query_number = before.query_number
    and now.number = before.number + 1
  where now.is_complete and before.is_complete
  group by all
),
numbered as (
  select
    looked.*,
    coalesce(counted.videos, 0) as videos,
    coalesce(kept.videos_kept, 0) as videos_kept,
    lag(coalesce(counted.videos, 0)) over complete as videos_before
  from looked
  left join counted using (query_number, day_date, look)
  left join kept using (query_number, day_date, look)
  window complete as (partition by looked.query_number, looked.day_date, looked.is_complete order by looked.look)
)
select
  version.search,
  numbered.fingerprint,
  numbered.day_date,
  numbered.look,
  numbered.number as looks,
  numbered.observed_at,
  numbered.is_complete,
  numbered.videos,
  case when numbered.is_complete and numbered.number > 1 then numbered.videos - numbered.videos_kept end as videos_new,
  case when numbered.is_complete and numbered.number > 1 then numbered.videos_before - numbered.videos_kept end
    as videos_vanished
from numbered
-- A search is identified by its query: requests under an earlier name count for the present name, or for the last one.
join ops.search_versions as version on version.sent_fingerprint = numbered.fingerprint and version.kind != 'once';
