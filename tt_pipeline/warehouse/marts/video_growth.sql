-- Grain: a video and an observation of it: a UTC day on which it was seen, with what the last sighting of the day told,
-- or the last that told its favourites: an account's list tells none.
-- Searches of one run may see a video seconds apart, and a window that is split sees it twice: growth between such
-- sightings would be 0 by construction, so they are one observation.
-- Caveat: a run that goes on over midnight UTC may leave two observations minutes apart: look at days_since.
-- A count may fall (deleted likes, cleaned-up accounts); growth is then negative and has_fallen is true.
-- A count is true of some instant from counts_from_at to observed_at; the API does not say of which.
-- Example: select round(age_days) as age, median(view_count) from marts.video_growth group by age order by age;
create or replace view marts.video_growth as
with observed as (
  select *
  from core.video_snapshots
  qualify row_number() over (
    partition by video_id, observed_at::date
    order by favorites_count is null, observed_at desc, load_id desc
  ) = 1
)
select
  observed.video_id::varchar as video_id,
  video.created_date,
  row_number() over before as observation_number,
  observed.observed_at,
  greatest(observed.observed_at - interval 10 days, video.created_at) as counts_from_at,
  (epoch(observed.observed_at) - epoch(video.created_at)) / 86400 as age_days,
  (epoch(observed.observed_at) - epoch(lag(observed.observed_at) over before)) / 86400 as days_since,
  observed.view_count,
  observed.like_count,
  observed.comment_count,
  observed.share_count,
  observed.favorites_count,
  observed.view_count - lag(observed.view_count) over before as view_growth,
  observed.like_count - lag(observed.like_count) over before as like_growth,
  observed.comment_count - lag(observed.comment_count) over before as comment_growth,
  observed.share_count - lag(observed.share_count) over before as share_growth,
  observed.favorites_count - lag(observed.favorites_count) over before as favorites_growth,
  least(view_growth, like_growth, comment_growth, share_growth, favorites_growth) < 0 as has_fallen
from observed
join core.videos as video using (video_id)
window before as (partition by observed.video_id order by observed.observed_at);
