-- Grain: a search, a version of its query and a UTC day. Videos that do not fit the query are left out.
-- Caveat: a video without transcript can have speech. Labels and tags were introduced in steps, so old videos have
-- fewer. Endpoints disagree about the numbers in tags: marts.video_tags counts them as returned. TikTok documents tags
-- for AI and for paid content, so every tag that is not for AI counts as paid.
-- Example: select day_date, videos, videos_with_transcript / videos as share from marts.label_coverage where search = 'climate' and is_current order by day_date;
create or replace view marts.label_coverage as
with videos as (
  select
    video_id,
    created_date,
    voice_to_text,
    is_stem_verified,
    -- Remove the names of fields and the punctuation of JSON: if nothing is left, the label is empty.
    regexp_replace(video_label, '"[^"]*":|null|[][{}",\s]', '', 'g') != '' as is_labelled,
    regexp_replace(video_tag, '"[^"]*":|null|[][{}",\s]', '', 'g') != '' as is_tagged,
    contains(lower(video_tag), 'aigc') as is_of_ai
  from core.videos
  where created_date is not null
),
labelled as (
  select
    found.search,
    found.fingerprint,
    video.created_date as day_date,
    found.is_current,
    count(*) as videos,
    count(*) filter (video.voice_to_text != '') as videos_with_transcript,
    count(*) filter (video.is_labelled) as videos_with_label,
    count(*) filter (video.is_tagged) as videos_with_tag,
    count(*) filter (video.is_tagged and video.is_of_ai) as videos_ai_tagged,
    count(*) filter (video.is_tagged and not video.is_of_ai) as videos_paid_tagged,
    count(*) filter (video.is_stem_verified) as videos_stem
  from core.found_videos as found
  join videos as video using (video_id)
  where found.kind != 'once' and found.matches is distinct from false
  group by all
)
select
  search,
  fingerprint,
  day_date,
  coalesce(labelled.is_current, true) as is_current,
  coalesce(labelled.videos, 0) as videos,
  coalesce(labelled.videos_with_transcript, 0) as videos_with_transcript,
  coalesce(labelled.videos_with_label, 0) as videos_with_label,
  coalesce(labelled.videos_with_tag, 0) as videos_with_tag,
  coalesce(labelled.videos_ai_tagged, 0) as videos_ai_tagged,
  coalesce(labelled.videos_paid_tagged, 0) as videos_paid_tagged,
  coalesce(labelled.videos_stem, 0) as videos_stem
from labelled
-- Days that were collected to their end and have no such video.
full join (
  select search, fingerprint, day_date
  from ops.search_coverage
  where status in ('complete', 'capped')
) as empty using (search, fingerprint, day_date);
