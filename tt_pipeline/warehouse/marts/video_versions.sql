-- Grain: a video and a version of its attributes, in the order in which they were first seen.
-- Caveat: a version that returns to an earlier state has no row of its own. hashtags are those in the description.
-- Example: select video_id, version, first_seen_at, description, hashtags from marts.video_versions order by all limit 10;
create or replace view marts.video_versions as
with versions as (
  select video_id, username, description, first_observed_at, load_id from core.videos
  union all
  select video_id, username, description, first_observed_at, load_id from core.video_versions
)
select
  video_id::varchar as video_id,
  row_number() over (
    partition by video_id
    order by first_observed_at, load_id, username, description
  ) as version,
  first_observed_at as first_seen_at,
  username,
  description,
  nullif(array_to_string(list_sort(list_distinct(regexp_extract_all(description, '#([\p{L}\p{N}\p{M}_]+)', 1))), ', '), '')
    as hashtags
from versions;
