-- Grain: an effect; the twenty on most videos.
-- Caveat: the API leaves effects out of most videos, so these numbers are lower bounds.
with fitting as (
  select distinct video_id
  from core.found_videos
  where kind != 'once' and is_current and matches is distinct from false
)
select
  coalesce(max(effect.effect_name), 'without a name') as effect_name,
  count(distinct effect.video_id) as videos
from core.video_effects as effect
semi join fitting using (video_id)
group by effect.effect_id
order by videos desc, effect_name
limit 20;
