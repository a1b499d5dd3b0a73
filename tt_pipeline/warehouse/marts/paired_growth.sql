-- Grain: a search, a version of its query, an age in whole days at one observation of a video and at its next.
-- Each video is compared with itself, so that the growth is not a difference between videos. At least 30 videos.
-- Caveat: do not join the medians of different pairs of ages with a line: they are of different videos. A deleted video has
-- no second observation. Counts are archive counts, up to 10 days older than the observation.
-- Example: select from_age_days, to_age_days, videos, view_growth_median from marts.paired_growth where search = 'climate' order by all;
create or replace view marts.paired_growth as
with pairs as (
  select
    video_id::bigint as video_id,
    -- A second more, because the two are rounded numbers.
    floor(age_days - days_since + 1 / 86400)::bigint as from_age_days,
    floor(age_days)::bigint as to_age_days,
    view_count - view_growth as view_count_before,
    view_count,
    view_growth
  from marts.video_growth
  where view_growth is not null and age_days is not null
)
select
  found.search,
  found.fingerprint,
  pairs.from_age_days,
  pairs.to_age_days,
  count(*) as videos,
  median(pairs.view_count_before) as view_count_before_median,
  median(pairs.view_count) as view_count_median,
  quantile_cont(pairs.view_growth, 0.25) as view_growth_q1,
  median(pairs.view_growth) as view_growth_median,
  quantile_cont(pairs.view_growth, 0.75) as view_growth_q3
from pairs
join core.found_videos as found on found.video_id = pairs.video_id and found.kind != 'once'
group by all
having count(*) >= 30;
