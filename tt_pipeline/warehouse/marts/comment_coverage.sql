-- Grain: a video that a search found, with ids as text.
-- Caveat: if the study samples comments, only videos with is_sampled stand for all; weight them. Others can have comments
-- of earlier draws, and have no weight. The estimators need no further condition: weight is NULL if the video was not drawn,
-- or if its comments are not known (refused, failed, none_returned, paused).
-- Example: select weighted_mean(comments_held, weight) as mean, weighted_mean_se(comments_held, weight, stratum) as se from marts.comment_coverage;
create or replace view marts.comment_coverage as
select
  video_id::varchar as video_id,
  status,
  is_sampled,
  weight,
  stratum,
  inclusion_probability,
  comment_count_seen,
  comments_held,
  pages,
  last_asked_at
from ops.comment_coverage;
