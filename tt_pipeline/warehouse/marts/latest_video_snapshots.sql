-- Grain: a video. Its counts when it was last seen.
-- Caveat: counts are archive counts, up to 10 days older than observed_at.
-- Example: select video_id, view_count from core.latest_video_snapshots order by view_count desc limit 10;
create or replace view core.latest_video_snapshots as
select
  video_id,
  observed_at,
  load_id,
  like_count,
  comment_count,
  share_count,
  view_count,
  favorites_count,
  count(*) over (partition by video_id) as looks
from core.video_snapshots
qualify row_number() over (partition by video_id order by observed_at desc, load_id desc) = 1;
