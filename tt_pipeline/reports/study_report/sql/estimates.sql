-- Grain: an estimate for all videos whose comments could be drawn.
-- Caveat: intervals of 95 % by the standard error of a stratified sample without replacement, as weighted_total_se computes it.
-- A drawn video whose comments are not known is left out, so a total is too small while there are some.
with replies as (
  select
    video_id,
    count(*) filter (is_reply) as replies
  from core.comments
  group by video_id
),
drawn as (
  select
    coverage.weight,
    coverage.stratum,
    unnest([
      {'quantity': 'comments', 'number': coverage.comments_held::double},
      {'quantity': 'replies', 'number': coalesce(replies.replies, 0)::double}
    ], recursive := true)
  from ops.comment_coverage as coverage
  left join replies using (video_id)
  where coverage.stratum is not null and coverage.weight is not null
),
centred as (
  select
    *,
    sum(number * weight) over (partition by quantity) / sum(weight) over (partition by quantity) as mean
  from drawn
),
-- Of a stratum with one drawn video, the distance from the mean stands for the deviation.
strata as (
  select
    quantity,
    count(*) as videos,
    sum(number * weight) as total,
    sum(weight) as weights,
    count(*) * avg(weight) * avg(weight) * greatest(0, 1 - 1 / avg(weight))
      * coalesce(var_samp(number), max((number - mean) * (number - mean)), 0) as variance
  from centred
  group by quantity, stratum
),
summed as (
  select
    quantity,
    sum(videos)::bigint as videos,
    sum(total) as total,
    sum(weights) as weights,
    sqrt(sum(variance)) as standard_error
  from strata
  group by quantity
),
estimated as (
  select quantity || ' in total' as quantity, videos, total as estimate, standard_error from summed
  union all
  select quantity || ' per video', videos, total / weights, standard_error / weights from summed
)
select
  *,
  greatest(0, estimate - 1.96 * standard_error) as lower_95,
  estimate + 1.96 * standard_error as upper_95
from estimated
order by quantity;
