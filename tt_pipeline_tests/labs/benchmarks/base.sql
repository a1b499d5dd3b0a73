-- A warehouse that is there already: videos of the days before those that are loaded, each found once and seen once.
-- Variables: `videos`. They are posted evenly over a year that ends the day before; two hashtags stand on each.
create or replace temp table video as
select
  i,
  load_id,
  (((epoch(posted_at)::bigint) << 32) + i)::bigint as video_id,
  posted_at,
  posted_at + interval 3 days as first_observed_at
from (
  select
    i,
    timestamptz '2025-06-01 00:00:00+00' + to_seconds((i * 31_449_600) // getvariable('videos')) as posted_at,
    'videos/climate/base/' || strftime(posted_at, '%Y-%m-%d') || '.look-1' as load_id
  from range(getvariable('videos')) as made(i)
);

insert into core.videos by name
select
  video_id,
  'creator_' || (hash(i) % 1_000_000) as username,
  ['DE', 'FR', 'US', 'BR'][1 + i % 4] as region_code,
  posted_at as created_at,
  posted_at::date as created_date,
  'Heute im Garten Nummer ' || i || ' mit ' || md5(i::varchar) || ' und vielen Bienen #bees' as description,
  7_000_000_000_000_000_000 + (hash(i * 7) % 50_000)::bigint as music_id,
  i % 180 as duration_s,
  case when i % 6 = 0 then 'transcript ' || md5((i * 3)::varchar) end as voice_to_text,
  i % 50 = 0 as is_stem_verified,
  first_observed_at,
  load_id
from video;

insert into core.video_snapshots by name
select
  video_id,
  first_observed_at as observed_at,
  load_id,
  hash(i) % 1_000 as like_count,
  hash(i) % 30 as comment_count,
  hash(i) % 20 as share_count,
  hash(i) % 100_000 as view_count,
  hash(i) % 10 as favorites_count
from video;

insert into core.search_hits by name
select
  'climate' as search,
  repeat('f', 64) as fingerprint,
  video_id,
  i % 100 > 0 as matches,
  first_observed_at,
  load_id
from video;

insert into core.video_hashtags by name
select
  video_id,
  'tag' || place || '_' || (hash(i * 13 + place) % 100_000) as hashtag_name,
  first_observed_at,
  load_id
from range(2) as placed(place), video;
