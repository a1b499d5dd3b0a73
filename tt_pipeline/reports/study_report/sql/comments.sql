-- Grain: a status of the comments of a video that a present search of the study found.
-- Caveat: only complete has all comments that the API returns; it returns at most the first thousand.
select
  status,
  count(*) as videos,
  sum(comments_held)::bigint as comments
from ops.comment_coverage
semi join (from core.found_videos where kind != 'once' and is_current) using (video_id)
group by status
order by videos desc, status;
