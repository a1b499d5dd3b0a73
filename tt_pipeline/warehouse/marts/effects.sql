-- Grain: an effect.
-- Caveat: the API leaves effects out of most videos, so the numbers are lower bounds. Counts only videos that searches
-- found.
-- Example: select effect_id, effect_name, videos from marts.effects order by videos desc limit 10;
create or replace view marts.effects as
select
  carried.effect_id::varchar as effect_id,
  arg_min(carried.effect_name, carried.first_observed_at) as effect_name,
  count(*) as videos,
  count(distinct coalesce(renamed.creator_id, video.username)) as creators,
  min(video.created_date) as first_date,
  max(video.created_date) as last_date,
  sum(latest.view_count)::bigint as view_count
from core.video_effects as carried
join core.videos as video using (video_id)
semi join (from core.found_videos where kind != 'once' and matches is distinct from false) as hit on carried.video_id = hit.video_id
left join core.renamed_handles as renamed on renamed.username = video.username
left join core.latest_video_snapshots as latest on carried.video_id = latest.video_id
group by carried.effect_id;
