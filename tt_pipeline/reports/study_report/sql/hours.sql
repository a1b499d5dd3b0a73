-- Grain: lists or samples, a weekday (1 is Monday) and an hour of the day in the stated zone.
-- Caveat: the time of posting. Searches that were cut off at a cap are left out, because a cap keeps the newest videos of a
-- UTC day.
with fitting as (
  select distinct
    kind,
    video_id
  from core.found_videos
  where kind in ('list', 'sample') and is_current and matches is distinct from false
)
select
  fitting.kind,
  isodow(local_time(video.created_at, :zone)) as weekday,
  hour(local_time(video.created_at, :zone)) as hour,
  count(*) as videos
from core.videos as video
join fitting using (video_id)
where video.created_at is not null
group by all
order by all;
