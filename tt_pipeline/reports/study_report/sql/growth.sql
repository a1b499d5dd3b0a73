-- Grain: a search, and two observations that follow each other: 1 is from the first to the second.
-- Caveat: each video is compared with itself, and rows are of different videos, so no line joins them. Fewer than 30 videos
-- are left out.
select
  search,
  observation_number,
  videos,
  from_age_days_min,
  from_age_days_max,
  to_age_days_min,
  to_age_days_max,
  view_growth_q1,
  view_growth_median,
  view_growth_q3
from marts.paired_growth
where is_current and videos >= 30
order by search, observation_number;
