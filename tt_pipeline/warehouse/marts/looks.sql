-- Grain: a search, a version of its query, a UTC day and a look at it. videos = those of the last complete look before
-- - videos_vanished + videos_new.
-- Caveat: a look that is not complete holds fewer videos and is compared with nothing; random draws are left out.
-- Example: select day_date, look, videos, videos_new, videos_vanished from marts.looks where search = 'climate';
create or replace view marts.looks as
with looked as (
  select
    load.fingerprint,
    load.search,
    day::date as day_date,
    load.look,
    load.first_fetched_at as observed_at,
    load.load_id,
    coalesce(load.ends = 'complete', false) as is_complete,
    count(*) filter (is_complete) over earlier as number
  from ops.loads as load, unnest(generate_series(load.window_from_date, load.window_to_date, interval 1 day)) as of_(day)
  -- Of a window that was split, the windows that were asked for instead say what its days hold.
  where load.dataset = 'videos' and not load.is_random and load.ends is distinct from 'split'
  window earlier as (partition by load.fingerprint, day order by load.look rows unbounded preceding)
),
found as (
  select
    looked.fingerprint,
    looked.day_date,
    looked.look,
    looked.is_complete,
    looked.number,
    snapshot.video_id,
    lag(looked.number) over looks as number_before,
    lead(looked.number) over looks as number_after
  from looked
  join core.video_snapshots as snapshot using (load_id)
  join core.videos as video on snapshot.video_id = video.video_id and video.created_date = looked.day_date
  window looks as (partition by looked.fingerprint, looked.day_date, looked.is_complete, snapshot.video_id order by looked.look)
),
counted as (
  select
    fingerprint,
    day_date,
    look,
    count(*) as videos,
    count(*) filter (number_before is distinct from number - 1) as videos_new
  from found
  group by all
),
vanished as (
  select
    fingerprint,
    day_date,
    number + 1 as number,
    count(*) as videos_vanished
  from found
  where is_complete and number_after is distinct from number + 1
  group by all
)
select
  coalesce(named.search, looked.search) as search,
  looked.fingerprint,
  looked.day_date,
  looked.look,
  looked.observed_at,
  looked.is_complete,
  coalesce(counted.videos, 0) as videos,
  case when looked.is_complete and looked.number > 1 then coalesce(counted.videos_new, 0) end as videos_new,
  case when looked.is_complete and looked.number > 1 then coalesce(vanished.videos_vanished, 0) end as videos_vanished
from looked
left join counted using (fingerprint, day_date, look)
left join vanished
  on looked.fingerprint = vanished.fingerprint
  and looked.day_date = vanished.day_date
  and looked.number = vanished.number
-- A search is its query: what was asked under an earlier name belongs to the present one.
left join ops.searches as named on named.fingerprint = looked.fingerprint and named.is_current;
