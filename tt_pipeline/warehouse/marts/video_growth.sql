-- Grain: a video and a look at it.
-- Caveat: a count may fall (deleted likes, cleaned-up accounts); growth is then negative and has_fallen is true.
-- A count is true of some instant from counts_from_at to observed_at; the API does not say of which.
-- Example: select round(age_days) as age, median(view_count) from marts.video_growth group by age order by age;
create or replace view marts.video_growth as
select
  snapshot.video_id::varchar as video_id,
  video.created_date,
  snapshot.observed_at,
  greatest(snapshot.observed_at - interval 10 days, video.created_at) as counts_from_at,
  (epoch(snapshot.observed_at) - epoch(video.created_at)) / 86400 as age_days,
  row_number() over looks as look_number,
  snapshot.view_count,
  snapshot.like_count,
  snapshot.comment_count,
  snapshot.share_count,
  snapshot.favorites_count,
  snapshot.view_count - lag(snapshot.view_count) over looks as view_growth,
  snapshot.like_count - lag(snapshot.like_count) over looks as like_growth,
  snapshot.comment_count - lag(snapshot.comment_count) over looks as comment_growth,
  snapshot.share_count - lag(snapshot.share_count) over looks as share_growth,
  snapshot.favorites_count - lag(snapshot.favorites_count) over looks as favorites_growth,
  least(view_growth, like_growth, comment_growth, share_growth, favorites_growth) < 0 as has_fallen
from core.video_snapshots as snapshot
join core.videos as video using (video_id)
window looks as (partition by snapshot.video_id order by snapshot.observed_at, snapshot.load_id);
