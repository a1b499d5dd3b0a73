-- Grain: a search, a version of its query and a UTC day.
-- Caveat: a video without transcript may have speech; labels and tags were introduced in steps, so old videos have
-- fewer. What the numbers in tags mean differs between endpoints: marts.video_tags counts them as given.
-- The documentation knows tags of AI and of paid content: what is not of AI is counted as paid.
-- Example: select day_date, videos, videos_with_transcript / videos as share from marts.label_coverage where search = 'climate' order by day_date;
create or replace view marts.label_coverage as
select
  found.search,
  found.fingerprint,
  video.created_date as day_date,
  found.is_current,
  count(*) as videos,
  count(*) filter (video.voice_to_text != '') as videos_with_transcript,
  count(video.video_label) as videos_with_label,
  count(video.video_tag) as videos_with_tag,
  count(*) filter (contains(lower(video.video_tag), 'aigc')) as videos_ai_tagged,
  count(*) filter (not contains(lower(video.video_tag), 'aigc')) as videos_paid_tagged,
  count(video.is_stem_verified) filter (video.is_stem_verified) as videos_stem
from core.found_videos as found
join core.videos as video using (video_id)
where video.created_date is not null
group by all;
