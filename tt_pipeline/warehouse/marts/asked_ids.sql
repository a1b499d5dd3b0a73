-- Grain: a search of ids and an id of its list.
-- Caveat: an id that is not shown is deleted or hidden or never existed; one that was found before is deleted or hidden.
-- An id that was deleted here is left out; ops.deletions says how many there are.
-- A video that was not checked in time and is therefore left out of this file counts as never found; ops.checks_due says
-- whether there are such videos.
-- is_asked = false means that it was not requested yet; is_shown is NULL until its day has a complete look.
-- Example: select strftime(uploaded_at, '%Y-%m') as month, count(*) as ids, count(*) filter (not is_shown) as lost from marts.asked_ids where is_shown is not null group by all order by all;
create or replace view marts.asked_ids as
with conditions as (
  select
    search,
    fingerprint,
    first_asked_at is not null as is_asked,
    unnest(from_json(json_extract(query, '$.and'), '[{"field_name": "VARCHAR", "field_values": ["VARCHAR"]}]')) as condition
  from ops.searches
  where is_current
),
asked as (
  select
    search,
    fingerprint,
    is_asked,
    try_cast(value as bigint) as video_id
  from conditions, unnest(condition.field_values) as of_(value)
  -- In place of an id that was deleted there is a word.
  where condition.field_name = 'video_id' and try_cast(value as bigint) is not null
),
looked as (
  select
    fingerprint,
    day::date as day_date,
    max(first_fetched_at) as last_look_at
  from (from ops.loads anti join (from ops.searches where kind = 'once') using (search, fingerprint)) as load,
    unnest(generate_series(window_from_date, window_to_date, interval 1 day)) as of_(day)
  where dataset = 'videos' and ends = 'complete' and rejected = 0
  group by all
),
found as (
  select distinct video_id
  from core.search_hits
  semi join asked using (video_id)
  anti join (from ops.searches where kind = 'once') using (search, fingerprint)
),
seen as (
  select
    video_id,
    max(observed_at) as last_seen_at
  from core.video_snapshots
  semi join asked using (video_id)
  group by video_id
)
select
  asked.search,
  asked.video_id::varchar as video_id,
  video_url(asked.video_id) as url,
  id_time(asked.video_id) as uploaded_at,
  bool_or(asked.is_asked) as is_asked,
  bool_or(found.video_id is not null) as is_found,
  bool_or(found.video_id is not null) as is_found_ever,
  bool_or(case when looked.last_look_at is not null then coalesce(seen.last_seen_at >= looked.last_look_at, false) end)
    as is_shown,
  max(seen.last_seen_at) as last_seen_at
from asked
left join core.videos as video on asked.video_id = video.video_id
-- TikTok creates a video up to two minutes after its id, which can be the next day.
left join looked
  on looked.fingerprint = asked.fingerprint
  and looked.day_date = coalesce(video.created_date, ((id_time(asked.video_id) + interval 2 minutes) at time zone 'UTC')::date)
left join found on asked.video_id = found.video_id
left join seen on asked.video_id = seen.video_id
group by asked.search, asked.video_id;
