-- Grain: a sound; the twenty on most videos.
-- Caveat: the API returns a sound's id without its name.
with fitting as (
  select distinct video_id
  from core.found_videos
  where kind != 'once' and is_current and matches is distinct from false
),
counted as (
  select
    video.music_id::varchar as music_id,
    count(*) as videos,
    count(distinct coalesce(renamed.creator_id, video.username)) as creators
  from core.videos as video
  semi join fitting using (video_id)
  left join core.renamed_handles as renamed on renamed.username = video.username
  where video.music_id is not null
  group by all
)
select
  row_number() over (order by videos desc, music_id) as rank,
  music_id,
  videos,
  creators
from counted
order by rank
limit 20;
