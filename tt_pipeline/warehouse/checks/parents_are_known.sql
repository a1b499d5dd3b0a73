-- Grain: a reply whose parent is not in core.comments, where more than one reply in twenty has none.
-- Parents that were deleted, or lie beyond the first thousand, leave some orphans in every collection.
with orphans as (
  select
    reply.comment_id,
    reply.parent_comment_id,
    reply.video_id
  from core.comments as reply
  anti join core.comments as parent on reply.parent_comment_id = parent.comment_id
  where reply.is_reply
),
replies as (
  select count(*) as replies
  from core.comments
  where is_reply
)
select
  comment_id,
  parent_comment_id,
  video_id,
  -- The sum over all rows is the number of replies.
  case when row_number() over (order by comment_id) = 1 then replies else 0 end as out_of
from orphans
cross join replies
where (select count(*) from orphans) > 0.05 * replies
order by comment_id
