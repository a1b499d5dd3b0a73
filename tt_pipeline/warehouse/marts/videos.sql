-- Grain: a video. Attributes as first seen, counts as last seen; columns first_… have the counts as first seen.
-- Caveat: counts are archive counts, up to 10 days older than observed_at; NULL means "not returned", never 0.
-- Example: select url, view_count from marts.videos order by view_count desc limit 10;
create or replace view marts.videos as
with begun as (
  select
    video_id,
    min(observed_at) as observed_at
  from core.video_snapshots
  group by video_id
),
first as (
  select *
  -- Join first, so that only rows of the same instant have to be sorted.
  from core.video_snapshots
  join begun using (video_id, observed_at)
  qualify row_number() over (partition by video_id order by load_id) = 1
),
found as (
  select
    video_id,
    list_distinct(list(search) filter (is_current)) as current,
    list_distinct(list(search) filter (not is_current and kind != 'once')) as past
  from core.found_videos
  group by video_id
),
tagged as (
  select video_id, array_to_string(list_sort(list(hashtag_name)), ', ') as hashtags
  -- Of several spellings of a hashtag one is shown.
  from (select video_id, min(hashtag_name) as hashtag_name from core.video_hashtags group by video_id, lower(hashtag_name))
  group by video_id
),
listed as (
  select video_id, array_to_string(list_sort(list_distinct(list(list))), ', ') as lists
  from core.listed_video_snapshots
  group by video_id
),
edited as (
  select
    video_id,
    arg_max_null(description, (first_observed_at, load_id)) as description
  from (
    select video_id, description, first_observed_at, load_id from core.video_versions
    union all
    select video_id, description, first_observed_at, load_id from core.videos semi join core.video_versions using (video_id)
  )
  group by video_id
),
-- Counts that the latest observation lacks.
known as (
  select
    video_id,
    arg_max(like_count, (observed_at, load_id)) as like_count,
    arg_max(comment_count, (observed_at, load_id)) as comment_count,
    arg_max(share_count, (observed_at, load_id)) as share_count,
    arg_max(view_count, (observed_at, load_id)) as view_count,
    arg_max(favorites_count, (observed_at, load_id)) as favorites_count
  from core.video_snapshots
  semi join (
    select video_id
    from core.latest_video_snapshots
    where like_count + comment_count + share_count + view_count + favorites_count is null and observations > 1
  ) using (video_id)
  group by video_id
),
discussed as (
  select video_id, count(*) as comments_held
  from core.comments
  group by video_id
)
select
  video.video_id::varchar as video_id,
  video_url(video.video_id) as url,
  video.username,
  coalesce(renamed.creator_id, video.username) as creator_id,
  video.region_code,
  video.created_at,
  video.created_date,
  video.description,
  case when edited.video_id is null then video.description else edited.description end as latest_description,
  video.music_id::varchar as music_id,
  video.duration_s,
  video.voice_to_text,
  video.is_stem_verified,
  video.video_label,
  video.video_tag,
  video.playlist_id::varchar as playlist_id,
  latest.like_count,
  latest.comment_count,
  latest.share_count,
  latest.view_count,
  latest.favorites_count,
  coalesce(latest.like_count, known.like_count) as known_like_count,
  coalesce(latest.comment_count, known.comment_count) as known_comment_count,
  coalesce(latest.share_count, known.share_count) as known_share_count,
  coalesce(latest.view_count, known.view_count) as known_view_count,
  coalesce(latest.favorites_count, known.favorites_count) as known_favorites_count,
  latest.view_count_at_12_days,
  first.view_count as first_view_count,
  first.like_count as first_like_count,
  first.comment_count as first_comment_count,
  first.share_count as first_share_count,
  first.favorites_count as first_favorites_count,
  nullif(array_to_string(list_sort(found.current), ', '), '') as searches,
  nullif(array_to_string(list_sort(list_filter(found.past, lambda name: not list_contains(coalesce(found.current, []), name))), ', '), '') as past_searches,
  listed.lists,
  tagged.hashtags,
  coalesce(discussed.comments_held, 0) as comments_held,
  coverage.status as comment_status,
  coalesce(latest.observations, 0) as observations,
  first.observed_at as first_observed_at,
  latest.observed_at
from core.videos as video
left join core.latest_video_snapshots as latest using (video_id)
left join first using (video_id)
left join found using (video_id)
left join listed using (video_id)
left join tagged using (video_id)
left join discussed using (video_id)
left join edited using (video_id)
left join known using (video_id)
left join core.renamed_handles as renamed on renamed.username = video.username
left join ops.comment_coverage as coverage using (video_id);
