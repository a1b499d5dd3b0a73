-- Grain: a comment or reply.
-- Caveat: if the study samples comments, weight them: comments without a weight are of earlier draws. Comments have no author. A reply whose parent was not collected is kept, with is_orphan = true.
-- Example: select is_reply, count(*), median(hours_after_video) from marts.comments group by is_reply;
create or replace view marts.comments as
with latest as (
  select *
  from core.comment_snapshots
  qualify row_number() over (partition by comment_id order by observed_at desc, load_id desc) = 1
)
select
  comment.comment_id::varchar as comment_id,
  comment.video_id::varchar as video_id,
  coverage.is_sampled,
  coverage.weight,
  coverage.stratum,
  coverage.inclusion_probability,
  comment.parent_comment_id::varchar as parent_comment_id,
  comment.is_reply,
  coalesce(comment.is_reply and parent.comment_id is null, false) as is_orphan,
  comment.created_at,
  comment.created_date,
  (epoch(comment.created_at) - epoch(video.created_at)) / 3600 as hours_after_video,
  comment.text,
  latest.like_count,
  latest.reply_count,
  latest.observed_at
from core.comments as comment
left join latest using (comment_id)
left join core.comments as parent on comment.parent_comment_id = parent.comment_id
left join core.videos as video on comment.video_id = video.video_id
left join ops.comment_coverage as coverage on comment.video_id = coverage.video_id;
