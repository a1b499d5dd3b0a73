-- Grain: a hashtag, in lower case, and a UTC day.
-- Caveat: counts only videos that the study's searches found, not all of TikTok; marts.daily_volume says what is
-- missing.
-- Example: select hashtag, sum(videos) as videos from marts.hashtag_days group by hashtag order by videos desc limit 10;
create or replace view marts.hashtag_days as
select
  lower(carried.hashtag_name) as hashtag,
  video.created_date as day_date,
  count(distinct video.video_id) as videos,
  count(distinct coalesce(renamed.creator_id, video.username)) as creators
from core.video_hashtags as carried
join core.videos as video using (video_id)
semi join (from core.found_videos where kind != 'once' and matches is distinct from false) as hit on carried.video_id = hit.video_id
left join core.renamed_handles as renamed on renamed.username = video.username
where video.created_date is not null
group by all;
