-- Grain: one row, the estimates for all comments of the videos that could have been drawn.
-- Caveat: a drawn video whose comments could not be had counts as one without comments; look for such videos first.
with drawn as (
  select
    coverage.video_id,
    coverage.stratum,
    coverage.inclusion_probability,
    count(comment.comment_id) as comments,
    count(*) filter (comment.is_reply) as replies
  from ops.comment_coverage as coverage
  left join core.comments as comment using (video_id)
  where coverage.is_sampled
  group by all
),
estimated as (
  select
    sum(comments / inclusion_probability) as comments,
    sum(replies / inclusion_probability) / sum(comments / inclusion_probability) as share_of_replies,
    sum(replies / comments / inclusion_probability) / sum(1 / inclusion_probability) filter (comments > 0)
      as share_in_average_video
  from drawn
),
strata as (
  select
    count(*) as videos_drawn,
    count(*) / any_value(inclusion_probability) as videos,
    coalesce(var_samp(replies - estimated.share_of_replies * drawn.comments), 0) as variance
  from drawn
  cross join estimated
  group by stratum
)
select
  estimated.*,
  sqrt((select sum(videos * (videos - videos_drawn) * variance / videos_drawn) from strata)) / comments
    as standard_error
from estimated;
