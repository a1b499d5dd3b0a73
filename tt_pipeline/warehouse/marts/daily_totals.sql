-- Grain: a UTC day of the study.
-- Caveat: only searches that list their videos count; samples and lists of ids are left out. Compare days with
-- is_comparable: no search was cut off at a cap, and the last look at each is done. videos counts every look, so
-- a day with two looks has a few more than a day that was collected once: the videos that were deleted in between. It
-- counts videos that do not fit the query, too; creators and views leave them out.
-- Example: select day_date, videos_matching, creators, is_comparable from marts.daily_totals order by day_date;
create or replace view marts.daily_totals as
with listed as (
  select
    video_id,
    bool_or(matches) as matches,
    bool_or(matches is distinct from false) as fits
  from core.found_videos
  where is_current and kind in ('list', 'capped')
  group by video_id
),
held as (
  select
    video.created_date as day_date,
    count(*) as videos,
    -- If no field shows whether a video meets a query, nobody knows how many do.
    case when count(listed.matches) > 0 then count(*) filter (listed.matches) end as videos_matching,
    count(*) filter (listed.fits) as videos_fitting,
    count(distinct coalesce(renamed.creator_id, video.username)) filter (listed.fits) as creators,
    sum(latest.view_count) filter (listed.fits)::bigint as view_count,
    sum(latest.view_count_at_12_days) filter (listed.fits)::bigint as view_count_at_12_days
  from core.videos as video
  join listed using (video_id)
  left join core.latest_video_snapshots as latest using (video_id)
  left join core.renamed_handles as renamed using (username)
  group by all
),
days as (
  select
    day_date,
    count(*) as searches,
    count(*) filter (is_comparable) as searches_comparable,
    case when bool_and(status in ('complete', 'capped')) then 0 end as least
  from marts.daily_volume
  where status is not null and status != 'outside' and kind in ('list', 'capped')
  group by day_date
)
select
  day_date,
  coalesce(held.videos, least)::bigint as videos,
  case when held.videos is null then least else held.videos_matching end::bigint as videos_matching,
  coalesce(nullif(held.creators, 0), least)::bigint as creators,
  case when coalesce(held.videos_fitting, 0) = 0 then least else held.view_count end::bigint as view_count,
  case when coalesce(held.videos_fitting, 0) = 0 then least else held.view_count_at_12_days end::bigint
    as view_count_at_12_days,
  days.searches,
  days.searches_comparable,
  days.searches = days.searches_comparable as is_comparable
from days
left join held using (day_date);
