-- A warehouse of a year, made in seconds: as many rows as a study has, of the shapes that make queries slow.
-- Variables: `videos`, `looks`. Videos are posted evenly over the year; a third of them are found by two searches,
-- seconds apart; each is seen by every look but the last, which misses a twentieth; few hashtags stand on very many.
create or replace temp macro begun() as timestamptz '2026-01-01 00:00:00+00';
create or replace temp macro search_named(i) as ['climate', 'green', 'sport'][1 + i % 3];
create or replace temp macro fingerprint_of(i) as repeat(['a', 'b', 'c'][1 + i % 3], 64);
create or replace temp macro load_named(i, day, look) as
  'videos/' || search_named(i) || '/f/' || strftime(day::timestamp, '%Y-%m') || '.look-' || look;

create or replace temp table video as
select
  i,
  (((epoch(begun())::bigint + (i * 31_536_000) // getvariable('videos')) << 32) + i)::bigint as video_id,
  begun() + to_seconds((i * 31_536_000) // getvariable('videos') + 30) as created_at,
  'creator_' || (hash(i) % (getvariable('videos') // 10)) as username
from range(getvariable('videos')) as made(i);

insert into core.videos by name
select
  video_id,
  username,
  ['DE', 'FR', 'US', 'BR'][1 + i % 4] as region_code,
  created_at,
  created_at::date as created_date,
  'Heute im Garten Nummer ' || i || ' mit ' || md5(i::varchar) || ' und vielen Bienen #bees' as description,
  7_000_000_000_000_000_000 + (hash(i * 7) % 50_000)::bigint as music_id,
  i % 180 as duration_s,
  case when i % 6 = 0 then 'transcript ' || md5((i * 3)::varchar) end as voice_to_text,
  i % 50 = 0 as is_stem_verified,
  case when i % 90 = 0 then '{"content":"Vote"}' end as video_label,
  case when i % 40 = 0 then '{"type":"AIGC Type","number":' || (1 + i % 2) || '}' end as video_tag,
  created_at + interval 3 days as first_observed_at,
  load_named(i, created_at, 1) as load_id
from video;

-- Every tenth creator is renamed while one of its videos is observed.
insert into core.video_versions by name
select
  videos.* exclude (username, first_observed_at),
  username || '_new' as username,
  first_observed_at + interval 9 days as first_observed_at
from core.videos
where hash(username) % 10 = 0
qualify row_number() over (partition by username order by video_id) = 1;

insert into core.video_snapshots by name
select
  video_id,
  created_at + to_days((3 * look)::int) + to_seconds(7 * also) as observed_at,
  load_named(i + also, created_at, look) as load_id,
  hash(i) % 1_000 + look * 3 as like_count,
  hash(i) % 30 as comment_count,
  hash(i) % 20 as share_count,
  hash(i) % 100_000 + look * 50 as view_count,
  hash(i) % 10 as favorites_count
from range(1, getvariable('looks') + 1) as looked(look), range(2) as twice(also), video
where (look < getvariable('looks') or i % 20 > 0) and (also = 0 or i % 3 = 0);

insert into core.search_hits by name
select
  search_named(i + also) as search,
  fingerprint_of(i + also) as fingerprint,
  video_id,
  i % 100 > 0 as matches,
  created_at as first_observed_at,
  load_named(i, created_at, 1) as load_id
from range(2) as twice(also), video
where also = 0 or i % 3 = 0;

insert into core.video_hashtags by name
select distinct on (video_id, hashtag_name)
  video_id,
  'Tag' || (pow((hash(i * 13 + place) % 1_000_003) / 1_000_003, 4) * (getvariable('videos') // 20))::bigint as hashtag_name,
  created_at as first_observed_at,
  'l' as load_id
from range(4) as placed(place), video;

insert into core.video_effects by name
select
  video_id,
  (hash(i) % 300)::bigint as effect_id,
  'Effect' as effect_name,
  created_at as first_observed_at,
  'l' as load_id
from video
where i % 20 = 0;

-- Ten comments under each tenth video: threads two deep, and now and then one whose beginning is missing.
insert into core.comments by name
select
  video_id + 1_000_000_000 + place as comment_id,
  video_id,
  case when place % 3 = 0 then video_id else comment_id - 1 end as parent_comment_id,
  place % 3 > 0 as is_reply,
  video.created_at + to_minutes(place * 7) as created_at,
  video.created_at::date as created_date,
  'So schön, Nummer ' || i as text,
  video.created_at as first_observed_at,
  'comments/' || (i % 100) as load_id
from range(10) as placed(place), video
where i % 10 = 0 and (place > 0 or i % 200 > 0);

insert into core.comment_snapshots by name
select
  comment_id,
  first_observed_at as observed_at,
  load_id,
  3 as like_count,
  1 as reply_count
from core.comments;

insert into core.users by name
select
  username,
  'Name' as display_name,
  'Bio' as bio_description,
  false as is_verified,
  (hash(username) % 10_000)::bigint as follower_count,
  max(created_at) as observed_at,
  max(created_at) as last_asked_at,
  'users/1' as load_id
from video
group by username;

insert into core.user_snapshots by name
select
  users.* exclude (last_asked_at, observed_at),
  users.observed_at + to_days(30 * lookup::integer) as observed_at
from core.users, range(4) as of_(lookup);

insert into core.list_snapshots by name
select
  ['followers', 'reposted'][1 + i % 2] as list,
  'creator_' || (i // 2) as username,
  look,
  'lists/' || look as load_id,
  1 as pages,
  begun() + to_days((7 * look)::int) as first_fetched_at,
  begun() + to_days((7 * look)::int) as last_fetched_at,
  'complete' as ends
from range(1, 4) as looked(look), range(getvariable('videos') // 500) as accounts(i);

insert into core.follow_snapshots by name
select distinct
  'followers' as seen_in,
  'creator_' || (hash(i * 1_000 + other) % (getvariable('videos') // 10)) as follower,
  'creator_' || i as followed,
  look,
  begun() + to_days((7 * look)::int) as observed_at,
  'lists/' || look as load_id
from range(1, 4) as looked(look), range(getvariable('videos') // 1_000) as accounts(i), range(200) as others(other)
where other > look;

insert into core.listed_video_snapshots by name
select
  'reposted' as list,
  'creator_' || (i % (getvariable('videos') // 1_000)) as username,
  look,
  video_id,
  begun() + to_days((7 * look)::int) as observed_at,
  'lists/' || look as load_id
from range(1, 4) as looked(look), video
where i % 20 = 1;

insert into ops.loads by name
select
  load_id,
  'videos' as dataset,
  split_part(load_id, '/', 2) as search,
  fingerprint_of(list_position(['climate', 'green', 'sport'], search) - 1) as fingerprint,
  split_part(load_id, '-', -1)::bigint as look,
  (regexp_extract(load_id, '[0-9]{4}-[0-9]{2}') || '-01')::date as window_from_date,
  last_day(window_from_date) as window_to_date,
  false as is_random,
  'complete' as ends,
  count(*) // 100 as lines,
  count(*) as records_in,
  count(*) as rows_loaded,
  0 as duplicates,
  0 as rejected,
  0 as strays,
  0 as odd_values,
  0 as refusals,
  0 as redacted,
  min(observed_at) as first_fetched_at,
  max(observed_at) as last_fetched_at,
  max(observed_at) as loaded_at,
  'synthetic' as made_by
from core.video_snapshots
group by load_id;

insert into ops.searches by name
select
  search,
  fingerprint,
  fingerprint as part_of,
  'study' as kind,
  '{"and":[]}' as query,
  date '2026-01-01' as first_date,
  true as is_current,
  begun() as first_asked_at
from (select distinct search, fingerprint from ops.loads)
union all
select
  'ids',
  repeat('d', 64),
  repeat('d', 64),
  'study',
  '{"and":[{"field_name":"video_id","field_values":' || (select to_json(list(video_id::varchar)) from video where i % 100 = 0) || '}]}',
  date '2026-01-01',
  true,
  begun();

insert into ops.search_coverage by name
select
  search,
  fingerprint,
  day::date as day_date,
  'complete' as status,
  getvariable('looks') as looks,
  getvariable('looks') as looks_planned,
  true as has_last_look,
  case when search in ('sample', 'ids') then search else 'list' end as kind,
  10 as pages,
  1_000 as slots,
  900 as records,
  0 as strays,
  100 as hidden,
  10 as requests
from (select distinct search, fingerprint from ops.loads), range(begun(), begun() + interval 365 days, interval 1 day) as of_(day);

insert into ops.comment_coverage by name
select
  video_id,
  ['no_comments', 'complete'][1 + (i % 10 = 0)::int] as status,
  3 as comment_count_seen,
  3 as comments_held,
  1 as pages
from video;

insert into ops.account_coverage by name
select
  username,
  'profile' as list,
  'complete' as status,
  1 as observations,
  1 as records_held
from core.users;

insert into ops.requests by name
select
  i as request_id,
  'main' as bucket,
  date '2026-01-01' + (i // 1_000)::int as quota_date,
  true as is_charged,
  'video_query' as endpoint,
  's' as study,
  ['videos', 'comments', 'users'][1 + i % 3] as dataset,
  begun() as reserved_at,
  'ok' as code,
  i % 100 as records,
  1 as hidden
from range(365_000) as sent(i);

-- The list of ids has a complete look, which found nothing.
insert into ops.loads by name
select
  loads.* exclude (load_id, fingerprint, search, window_to_date, records_in, rows_loaded),
  0 as records_in,
  0 as rows_loaded,
  'videos/ids/d/1' as load_id,
  repeat('d', 64) as fingerprint,
  'ids' as search,
  date '2026-12-31' as window_to_date
from ops.loads
where search = 'climate' and look = 1 and window_from_date = date '2026-01-01'
limit 1;
