-- Grain: a video with collected comments.
-- Caveat: if the study samples comments, weight the videos: those without a weight are of earlier draws, and a plain mean is
-- of the drawn ones only. Read comment_status too, because the API returns at most the first thousand comments. If the first comment
-- was deleted, hours_to_comment is too large.
-- Example: select is_sampled, count(*) as videos, avg(comments_held) as plain, weighted_mean(comments_held, weight) as weighted from marts.discussions group by is_sampled;
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
  -- Join by this equality alone: with a second condition DuckDB compares every pair of rows.
  left join core.comments as parent
    on case when comment.is_reply then comment.parent_comment_id end = parent.comment_id
  group by comment.video_id
)
select
  said.video_id::varchar as video_id,
  coverage.is_sampled,
  coverage.weight,
  coverage.stratum,
  coverage.inclusion_probability,
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
