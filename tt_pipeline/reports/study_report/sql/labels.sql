-- Grain: a search and a field that only some videos have.
-- Caveat: a video without a transcript can have speech. Labels and tags were introduced in steps.
with summed as (
  select
    search,
    sum(videos) as videos,
    sum(videos_with_transcript) as transcript,
    sum(videos_with_label) as label,
    sum(videos_with_tag) as tag
  from marts.label_coverage
  where is_current
  group by search
)
select
  search,
  field,
  videos_with_field::bigint as videos_with_field,
  videos::bigint as videos,
  videos_with_field / videos as share_of_videos
from summed
unpivot (videos_with_field for field in (transcript, label, tag))
where videos > 0
order by all;
