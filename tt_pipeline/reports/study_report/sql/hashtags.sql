-- Grain: a hashtag, in lower case, that at least three creators used; the twenty on most videos.
-- Caveat: counts videos that the present searches found and that fit; hashtags that a search requests lead by construction.
with fitting as (
  select distinct video_id
  from core.found_videos
  where kind != 'once' and is_current and matches is distinct from false
)
select
  lower(tag.hashtag_name) as hashtag,
  count(distinct tag.video_id) as videos,
  count(distinct coalesce(renamed.creator_id, video.username)) as creators,
  count(distinct tag.video_id) / (select count(*) from fitting) as share_of_videos
from core.video_hashtags as tag
semi join fitting using (video_id)
join core.videos as video using (video_id)
left join core.renamed_handles as renamed on renamed.username = video.username
group by 1
having creators >= 3
order by videos desc, hashtag
limit 20;
