-- Grain: a search and a number of days since its first look at a video at which one or more videos vanished or were last seen.
-- Kaplan-Meier's estimate with Greenwood's standard error: share_left = the share that is still returned.
-- Caveat: a video vanished between two looks, and counts as gone half-way. Gone is deleted, hidden, private, no longer
-- matching, or left out once: the API does not say which.
with ended as (
  select
    search,
    round(exposure_days, 1) as days,
    count(*) as videos,
    count(*) filter (is_gone) as videos_gone
  from marts.video_survival
  where is_current and matches is distinct from false and is_looked_for
  group by all
),
at_risk as (
  select
    *,
    sum(videos) over (partition by search order by days desc) as videos_at_risk
  from ended
),
estimated as (
  select
    *,
    product(1 - videos_gone / videos_at_risk) over earlier as share_left,
    sum(case when videos_gone < videos_at_risk then videos_gone / (videos_at_risk * (videos_at_risk - videos_gone)) end)
      over earlier as variance
  from at_risk
  window earlier as (partition by search order by days)
)
select
  search,
  days,
  videos_at_risk::bigint as videos_at_risk,
  videos_gone,
  share_left,
  greatest(0, share_left - 1.96 * share_left * sqrt(variance)) as lower_95,
  least(1, share_left + 1.96 * share_left * sqrt(variance)) as upper_95
from estimated
order by search, days;
