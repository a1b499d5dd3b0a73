-- Grain: a video and an observation of it: a UTC day on which it was seen. If the video was seen several times, the
-- last counts are used, if possible with favorites_count, which lists of accounts do not return.
-- Searches of one run can see a video seconds apart, and so can the windows that replace a split one. Growth between
-- them would always be 0, so all of a day are one observation.
-- Caveat: age_days is 0 if the collecting computer's clock was behind TikTok's.
-- Caveat: a run that continues past midnight UTC can leave two observations minutes apart: check days_since.
-- A count can fall (deleted likes, deleted accounts); then growth is negative and has_fallen is true.
-- A count is from an instant between counts_from_at and observed_at; the API does not say from which.
-- Example: select round(age_days) as age, median(view_count) from marts.video_growth group by age order by age;
create or replace view marts.video_growth as
with observed as (
  select *
  from core.video_snapshots
  qualify row_number() over (
    partition by video_id, epoch_us(observed_at) // 86_400_000_000 -- the UTC day, in half the time of a cast
    order by favorites_count is null, observed_at desc, load_id desc
  ) = 1
)
select
  observed.video_id::varchar as video_id,
  video.created_date,
  row_number() over before as observation_number,
  observed.observed_at,
  greatest(observed.observed_at - interval 10 days, video.created_at) as counts_from_at,
  greatest(epoch(observed.observed_at) - epoch(video.created_at), 0) / 86400 as age_days,
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
