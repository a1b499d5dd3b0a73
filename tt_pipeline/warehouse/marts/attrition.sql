-- Grain: a search, a version of its query and a month of posting.
-- Caveat: a video is looked for again where its day was read to the end by a later look. Gone means deleted, hidden,
-- made private, no longer fitting the query, or left out once: the API does not say which.
-- Example: select month_date, videos, videos_gone / nullif(videos_looked_for, 0) as share_gone from marts.attrition where search = 'climate' order by month_date;
create or replace view marts.attrition as
with looked as (
  select
    load.fingerprint,
    load.search,
    day::date as day_date,
    load.look,
    load.load_id
  from ops.loads as load, unnest(generate_series(load.window_from_date, load.window_to_date, interval 1 day)) as of_(day)
  where load.dataset = 'videos' and not load.is_random and load.ends = 'complete'
),
days as (
  select
    fingerprint,
    day_date,
    max(look) as last_look
  from looked
  group by all
),
seen as (
  select
    looked.fingerprint,
    any_value(looked.search) as search,
    looked.day_date,
    snapshot.video_id,
    min(looked.look) as first_look,
    max(looked.look) as last_look
  from looked
  join core.video_snapshots as snapshot using (load_id)
  join core.videos as video on snapshot.video_id = video.video_id and video.created_date = looked.day_date
  group by looked.fingerprint, looked.day_date, snapshot.video_id
)
select
  coalesce(named.search, any_value(seen.search)) as search,
  seen.fingerprint,
  date_trunc('month', seen.day_date)::date as month_date,
  count(*) as videos,
  count(*) filter (seen.first_look < days.last_look) as videos_looked_for,
  count(*) filter (seen.last_look < days.last_look) as videos_gone
from seen
join days using (fingerprint, day_date)
-- A search is its query: what was asked under an earlier name belongs to the present one.
left join ops.searches as named on named.fingerprint = seen.fingerprint and named.is_current
group by named.search, seen.fingerprint, month_date;
