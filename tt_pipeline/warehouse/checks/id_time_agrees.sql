-- Grain: a video created more than a day away from the second in its id. Usually they are 18 to 48 seconds apart.
select
  video_id,
  created_at,
  id_time(video_id) as id_at
from core.videos
where abs(epoch(created_at) - (video_id >> 32)) > 86400
order by video_id
