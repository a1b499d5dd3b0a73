-- Grain: a table with rows about a video or comment that is not in core.videos or core.comments.
with orphans as (
  select 'core.video_snapshots' as table_name, video_id as id from core.video_snapshots anti join core.videos using (video_id)
  union all
  select 'core.video_versions', video_id from core.video_versions anti join core.videos using (video_id)
  union all
  select 'core.search_hits', video_id from core.search_hits anti join core.videos using (video_id)
  union all
  select 'core.video_hashtags', video_id from core.video_hashtags anti join core.videos using (video_id)
  union all
  select 'core.comment_snapshots', comment_id from core.comment_snapshots anti join core.comments using (comment_id)
)
select
  table_name,
  count(*) as rows,
  min(id) as first_id
from orphans
group by table_name
order by table_name
