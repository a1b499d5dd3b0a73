-- Grain: a video of which comments are held.
-- Caveat: read comment_status first: of a thousand-comment video the API gives the first thousand. A first comment that
-- was deleted is not known, so hours_to_comment is an upper bound.
-- Example: select comment_status, count(*) as videos, median(hours_to_comment) as hours from marts.discussions group by comment_status;
create or replace view marts.discussions as
with said as (
  select
    comment.video_id,
    count(*) as comments_held,
    count(*) filter (comment.is_reply) as replies,
    count(*) filter (comment.is_reply and parent.comment_id is null) as orphans,
    min(comment.created_at) as first_comment_at,
    max(comment.created_at) as last_comment_at
  from core.comments as comment
  -- One equality: with a condition beside it DuckDB compares all with all.
  left join core.comments as parent
    on case when comment.is_reply then comment.parent_comment_id end = parent.comment_id
  group by comment.video_id
)
select
  said.video_id::varchar as video_id,
  video.created_at,
  said.comments_held,
  said.replies,
  said.orphans,
  said.first_comment_at,
  said.last_comment_at,
  (epoch(said.first_comment_at) - epoch(video.created_at)) / 3600 as hours_to_comment,
  latest.comment_count,
  coverage.status as comment_status
from said
left join core.videos as video using (video_id)
left join core.latest_video_snapshots as latest using (video_id)
left join ops.comment_coverage as coverage using (video_id);
