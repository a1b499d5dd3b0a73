-- Grain: a creator; the twenty with most videos. Handles that a rename connects are one creator.
-- Caveat: counts videos that the present searches found and that fit, not all videos of the creator.
with fitting as (
  select distinct video_id
  from core.found_videos
  where kind != 'once' and is_current and matches is distinct from false
),
counted as (
  select
    coalesce(renamed.creator_id, video.username) as creator_id,
    count(*) as videos,
    sum(latest.view_count)::bigint as views
  from core.videos as video
  semi join fitting using (video_id)
  left join core.latest_video_snapshots as latest using (video_id)
  left join core.renamed_handles as renamed on renamed.username = video.username
  where video.username is not null
  group by all
)
select
  row_number() over (order by videos desc, views desc nulls last, creator_id) as rank,
  creator_id as username,
  videos,
  views,
  videos / sum(videos) over () as share_of_videos
from counted
order by rank
limit 20;
