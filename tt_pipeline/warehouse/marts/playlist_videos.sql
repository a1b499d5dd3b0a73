-- Grain: a video in a look at a playlist.
-- Caveat: the API returns only ids; join core.videos for the attributes of videos that a search or another list
-- returned.
-- Example: select playlist_id, video_id from core.playlist_videos order by playlist_id, look, position;
create or replace view core.playlist_videos as
with begun as (
  select
    playlist_id,
    look,
    min(observed_at) as observed_at
  from core.playlist_video_snapshots
  group by all
)
select
  playlist_id,
  listed.video_id,
  min(listed.position) as position,
  look,
  begun.observed_at
from core.playlist_video_snapshots as listed
join begun using (playlist_id, look)
group by all;
