-- Grain: a UTC day of the study.
-- Caveat: only searches that list their videos count; samples and lists of ids are left out. Compare days with
-- is_comparable: no search was cut off at a cap, and the last look at each is done. videos counts every look, so
-- a day with two looks has a few more than a day that was collected once: the videos that were deleted in between.
-- Example: select day_date, videos, creators, is_comparable from marts.daily_totals order by day_date;
create or replace view marts.daily_totals as
with listed as (
  select distinct video_id
  from core.found_videos
  where is_current and kind in ('list', 'capped')
),
held as (
  select
    video.created_date as day_date,
    count(*) as videos,
    count(distinct coalesce(renamed.creator_id, video.username)) as creators,
    sum(latest.view_count)::bigint as view_count,
    sum(latest.view_count_at_12_days)::bigint as view_count_at_12_days
  from core.videos as video
  semi join listed on listed.video_id = video.video_id
  left join core.latest_video_snapshots as latest using (video_id)
  left join core.renamed_handles as renamed using (username)
  group by all
),
days as (
  select
    day_date,
    count(*) as searches,
    count(*) filter (is_comparable) as searches_comparable,
    bool_and(status in ('complete', 'capped')) as is_whole
  from marts.daily_volume
  where status is not null and status != 'outside' and kind in ('list', 'capped')
  group by day_date
)
select
  day_date,
  coalesce(held.videos, case when days.is_whole then 0 end)::bigint as videos,
  coalesce(held.creators, case when days.is_whole then 0 end)::bigint as creators,
  case when held.videos is null and days.is_whole then 0 else held.view_count end::bigint as view_count,
  case when held.videos is null and days.is_whole then 0 else held.view_count_at_12_days end::bigint
    as view_count_at_12_days,
  days.searches,
  days.searches_comparable,
  days.searches = days.searches_comparable as is_comparable
from days
left join held using (day_date);
