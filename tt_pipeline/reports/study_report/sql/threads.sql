-- Grain: a number of replies of a top-level comment.
-- Caveat: replies that were collected; a listing leaves some out. threads_weighted estimates all videos that could be drawn.
select
  case
    when thread.replies <= 3 then thread.replies::varchar
    when thread.replies <= 10 then '4 to 10'
    else 'over 10'
  end as replies,
  min(thread.replies) as least,
  count(*) as threads,
  sum(thread.weight) as threads_weighted
from marts.comment_threads as thread
semi join (
  select video_id::varchar as video_id
  from core.found_videos
  where kind != 'once' and is_current
) as found using (video_id)
where not thread.is_orphan
group by 1
order by least;
