-- Grain: a search, a version of its query, and the number of the earlier of two observations: 1 is the growth from the first
-- time the search saw a video to the second.
-- Each video is compared with itself, so that the growth is not a difference between videos. Only what this search saw
-- counts: all that it saw of a video on a UTC day is one observation. Videos that do not fit the query are left out.
-- Quartiles need at least 30 videos. The ages are those of the planned looks, if days are collected when they are due;
-- from_age_days_min and the other three show whether they were.
-- Caveat: do not join the medians of different rows with a line: they are of different videos. A deleted video has no
-- second observation. Counts can be 10 days older than the observation: if two are less than 10 days apart, both can show
-- the same stored count, and a growth of 0 does not mean that the video did not grow.
-- Example: select observation_number, videos, videos_unchanged, days_since_median, view_growth_median from marts.paired_growth where search = 'climate' and is_current order by all;
create or replace view marts.paired_growth as
with loads as (
  select
    load_id,
    fingerprint,
    -- An integer, because grouping millions of rows by text is slow.
    dense_rank() over (order by fingerprint) as query_number
  from ops.loads
  anti join (from ops.searches where kind = 'once') using (search, fingerprint)
  where dataset = 'videos'
),
-- A division finds the day in half the time of a cast, which asks for the time zone.
observed as (
  select
    loads.query_number,
    snapshot.video_id,
    max(snapshot.observed_at) as observed_at,
    arg_max_null(snapshot.view_count, snapshot.observed_at) as view_count
  from core.video_snapshots as snapshot
  join loads using (load_id)
  group by loads.query_number, snapshot.video_id, epoch_us(snapshot.observed_at) // 86_400_000_000
),
pairs as (
  select
    query_number,
    video_id,
    row_number() over before - 1 as observation_number,
    lag(observed_at) over before as observed_before_at,
    observed_at,
    lag(view_count) over before as view_count_before,
    view_count
  from observed
  window before as (partition by query_number, video_id order by observed_at)
),
queries as (
  select distinct
    query_number,
    version.search,
    version.fingerprint,
    version.is_current
  from loads
  join ops.search_versions as version on version.sent_fingerprint = loads.fingerprint and version.kind != 'once'
),
foreign_videos as (
  select
    search,
    fingerprint,
    video_id
  from core.found_videos
  where not matches
),
aged as (
  select
    queries.search,
    queries.fingerprint,
    queries.is_current,
    pairs.observation_number,
    greatest(epoch(pairs.observed_before_at) - epoch(video.created_at), 0) / 86400 as from_age_days,
    greatest(epoch(pairs.observed_at) - epoch(video.created_at), 0) / 86400 as to_age_days,
    pairs.view_count_before,
    pairs.view_count,
    pairs.view_count - pairs.view_count_before as view_growth
  from pairs
  join queries using (query_number)
  join core.videos as video using (video_id)
  anti join foreign_videos as foreign_video
    on foreign_video.video_id = pairs.video_id
    and foreign_video.search = queries.search
    and foreign_video.fingerprint = queries.fingerprint
  where view_growth is not null and video.created_at is not null
),
-- One list of quantiles takes a third of the memory of three quantiles.
grown as (
  select
    search,
    fingerprint,
    is_current,
    observation_number,
    count(*) as videos,
    count(*) filter (view_growth = 0) as videos_unchanged,
    min(from_age_days) as from_age_days_min,
    max(from_age_days) as from_age_days_max,
    min(to_age_days) as to_age_days_min,
    max(to_age_days) as to_age_days_max,
    median(to_age_days - from_age_days) as days_since_median,
    case when count(*) >= 30 then median(view_count_before) end as view_count_before_median,
    case when count(*) >= 30 then median(view_count) end as view_count_median,
    case when count(*) >= 30 then quantile_cont(view_growth, [0.25, 0.5, 0.75]) end as view_growth
  from aged
  group by all
)
select
  * exclude (view_growth),
  view_growth[1] as view_growth_q1,
  view_growth[2] as view_growth_median,
  view_growth[3] as view_growth_q3
from grown;
