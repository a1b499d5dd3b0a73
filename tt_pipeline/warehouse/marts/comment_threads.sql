-- Grain: a thread: a top-level comment with all its replies, or the replies to a comment that was not collected.
-- Caveat: if the study samples comments, weight the threads by their video. Replies that a listing left out are collected only if the study says so. `reply_count` is TikTok's count of
-- the comment, `replies` the number of collected replies. A thread without its first comment has that comment's id.
-- Example: select is_orphan, count(*) as threads, avg(replies) as replies, max(depth) as deepest from marts.comment_threads group by is_orphan;
create or replace view marts.comment_threads as
with recursive begun as (
  select
    comment.comment_id,
    coalesce(comment.is_reply, false) as is_orphan,
    case when comment.is_reply then comment.parent_comment_id else comment.comment_id end as thread_id
  from core.comments as comment
  -- Join by this equality alone: with a second condition DuckDB compares every pair of rows.
  anti join core.comments as parent
    on case when comment.is_reply then comment.parent_comment_id end = parent.comment_id
),
replies as (
  select
    comment_id,
    parent_comment_id
  from core.comments
  where is_reply
),
-- One level of replies in each round, so the number of rounds is the depth of the deepest thread.
placed as (
  select
    thread_id,
    is_orphan,
    comment_id,
    case when is_orphan then 1 else 0 end as depth
  from begun
  union all
  select
    placed.thread_id,
    placed.is_orphan,
    replies.comment_id,
    placed.depth + 1
  from placed
  join replies on replies.parent_comment_id = placed.comment_id
),
threads as (
  select
    placed.thread_id,
    placed.is_orphan,
    min(comment.video_id) as video_id,
    count(*) filter (placed.depth > 0) as replies,
    max(placed.depth) as depth,
    min(comment.created_at) filter (placed.depth = 0) as created_at,
    min(comment.created_at) filter (placed.depth > 0) as first_reply_at,
    max(comment.created_at) filter (placed.depth > 0) as last_reply_at
  from placed
  join core.comments as comment using (comment_id)
  group by placed.thread_id, placed.is_orphan
),
latest as (
  select
    comment_id,
    arg_max(like_count, (observed_at, load_id)) as like_count,
    arg_max(reply_count, (observed_at, load_id)) as reply_count
  from core.comment_snapshots
  group by comment_id
)
select
  threads.thread_id::varchar as thread_id,
  threads.video_id::varchar as video_id,
  coverage.is_sampled,
  coverage.weight,
  coverage.stratum,
  coverage.inclusion_probability,
  threads.is_orphan,
  threads.replies,
  threads.depth::bigint as depth,
  threads.created_at,
  threads.first_reply_at,
  threads.last_reply_at,
  (epoch(threads.first_reply_at) - epoch(threads.created_at)) / 3600 as hours_to_reply,
  latest.like_count,
  latest.reply_count
from threads
left join latest on threads.thread_id = latest.comment_id
left join ops.comment_coverage as coverage on threads.video_id = coverage.video_id;
