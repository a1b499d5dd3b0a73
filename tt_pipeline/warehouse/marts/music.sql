-- Grain: a sound.
-- Caveat: the API returns a sound's id without its name. Counts only videos that the study's searches found, not all of
-- TikTok.
-- Example: select music_id, videos, creators, view_count from marts.music order by videos desc limit 10;
create or replace view marts.music as
select
  video.music_id::varchar as music_id,
  count(*) as videos,
  count(distinct coalesce(renamed.creator_id, video.username)) as creators,
  min(video.created_date) as first_date,
  max(video.created_date) as last_date,
  sum(latest.view_count)::bigint as view_count
from core.videos as video
semi join (from core.found_videos where kind != 'once' and matches is distinct from false) as hit on video.video_id = hit.video_id
left join core.renamed_handles as renamed on renamed.username = video.username
left join core.latest_video_snapshots as latest on video.video_id = latest.video_id
where video.music_id is not null
group by video.music_id;
