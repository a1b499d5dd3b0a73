-- Grain: a kind of tag and its number, as the API returns them.
-- Caveat: for tags of AI, TikTok's documents give 1 and 2 opposite meanings on different endpoints, so it is not known
-- which of them the creator set. For paid content 1 is a partnership and 7 a commission.
-- Example: select tag_type, tag_number, videos from marts.video_tags order by videos desc;
create or replace view marts.video_tags as
select
  coalesce(video_tag ->> '$.type', video_tag ->> '$.video_tag_type', '') as tag_type,
  coalesce(video_tag ->> '$.number', video_tag ->> '$.video_tag_number', '') as tag_number,
  count(*) as videos,
  count(distinct coalesce(renamed.creator_id, username)) as creators,
  min(created_date) as first_date,
  max(created_date) as last_date
from core.videos
left join core.renamed_handles as renamed using (username)
where video_tag is not null
group by all;
