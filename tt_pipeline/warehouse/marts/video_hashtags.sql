-- Grain: a video and a hashtag in lower case.
-- Caveat: a hashtag stays if it is later removed from the video; marts.video_versions has those of each version.
-- Example: select hashtag, count(*) as videos from marts.video_hashtags group by hashtag order by videos desc limit 10;
create or replace view marts.video_hashtags as
select
  video_id::varchar as video_id,
  lower(hashtag_name) as hashtag,
  arg_min(hashtag_name, (first_observed_at, hashtag_name)) as hashtag_as_typed
from core.video_hashtags
group by core.video_hashtags.video_id, lower(hashtag_name);
