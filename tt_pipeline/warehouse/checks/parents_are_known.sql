-- Grain: a reply whose parent is not in core.comments.
select
  reply.comment_id,
  reply.parent_comment_id,
  reply.video_id
from core.comments as reply
anti join core.comments as parent on reply.parent_comment_id = parent.comment_id
where reply.is_reply
order by reply.comment_id
