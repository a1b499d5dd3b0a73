-- Grain: a search and a hundredth of its videos, the most seen first.
-- Caveat: the latest known views; young videos have had less time, and views before July 2024 are wrong.
with seen as (
  select
    found.search,
    latest.view_count,
    row_number() over best as place,
    count(*) over (partition by found.search) as videos,
    sum(latest.view_count) over (best rows unbounded preceding) as views_so_far,
    sum(latest.view_count) over (partition by found.search) as views
  from core.found_videos as found
  join core.latest_video_snapshots as latest using (video_id)
  where found.kind not in ('once', 'capped') and found.is_current and found.matches is distinct from false
    and latest.view_count is not null
  window best as (partition by found.search order by latest.view_count desc, found.video_id)
)
select
  search,
  place / videos as share_of_videos,
  (views_so_far / views)::double as share_of_views,
  videos
from seen
where views > 0 and videos >= 30 and place * 100 // videos > (place - 1) * 100 // videos
order by search, share_of_videos;
