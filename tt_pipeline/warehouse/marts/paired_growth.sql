-- Grain: a search, a version of its query, an age in whole days at one look of the search at a video and at its next.
-- Each video is compared with itself, so that the growth is not a difference between videos. At least 30 videos. Only
-- looks of this search count: what other searches and lists saw in between would give its videos other pairs of ages.
-- Caveat: do not join the medians of different pairs of ages with a line: they are of different videos. A deleted video has
-- no second look. Counts are archive counts, up to 10 days older than the look.
-- Example: select from_age_days, to_age_days, videos, view_growth_median from marts.paired_growth where search = 'climate' order by all;
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
-- All that a query saw of a video on a UTC day is one look, with the last counts. A division finds the day in half the
-- time of a cast, which asks for the time zone.
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
    version.fingerprint
  from loads
  join ops.search_versions as version on version.sent_fingerprint = loads.fingerprint and version.kind != 'once'
),
-- One list of quantiles takes a third of the memory of three quantiles.
grown as (
  select
    queries.search,
    queries.fingerprint,
    greatest((epoch_us(observed_before_at) - epoch_us(video.created_at)) // 86_400_000_000, 0) as from_age_days,
    greatest((epoch_us(observed_at) - epoch_us(video.created_at)) // 86_400_000_000, 0) as to_age_days,
    count(*) as videos,
    median(view_count_before) as view_count_before_median,
    median(view_count) as view_count_median,
    quantile_cont(view_count - view_count_before, [0.25, 0.5, 0.75]) as view_growth
  from pairs
  join queries using (query_number)
  join core.videos as video using (video_id)
  where view_count - view_count_before is not null and video.created_at is not null
  group by all
  having count(*) >= 30
)
select
  search,
  fingerprint,
  from_age_days,
  to_age_days,
  videos,
  view_count_before_median,
  view_count_median,
  view_growth[1] as view_growth_q1,
  view_growth[2] as view_growth_median,
  view_growth[3] as view_growth_q3
from grown;
