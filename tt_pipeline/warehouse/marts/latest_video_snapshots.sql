-- Grain: a video. Its counts when it was last seen.
-- Caveat: counts are archive counts, up to 10 days older than observed_at.
-- Example: select video_id, view_count from core.latest_video_snapshots order by view_count desc limit 10;
create or replace view core.latest_video_snapshots as
with seen as (
  select
    video_id,
    max(observed_at) as observed_at,
    count(distinct observed_at::date) as observations
  from core.video_snapshots
  group by video_id
)
select
  video_id,
  observed_at,
  load_id,
  like_count,
  comment_count,
  share_count,
  view_count,
  favorites_count,
  observations
-- Joined first, so that few rows are left to be sorted: loads of the same instant.
from core.video_snapshots
join seen using (video_id, observed_at)
qualify row_number() over (partition by video_id order by load_id desc) = 1;
