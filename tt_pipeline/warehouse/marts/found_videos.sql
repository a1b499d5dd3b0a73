-- Grain: a search, a version of its query and a video it found, in any draw or look.
-- Videos that were found under an earlier name count for the present name, and videos that a part of a list of ids found
-- count for the whole list. If two searches have the same query, both found what one of them found.
-- Caveat: several versions of a query can find the same video: count distinct videos, or select one version.
-- Example: select search, count(distinct video_id) as videos from core.found_videos group by search order by search;
create or replace view core.found_videos as
with loads as (
  select
    load.load_id,
    -- An integer, because grouping millions of rows by text is slow.
    dense_rank() over (order by load.fingerprint, one_off.search is not null) as query_number,
    load.fingerprint,
    load.search,
    one_off.search is not null as is_one_off,
    load.look,
    load.is_random,
    load.strays,
    load.window_from_date,
    load.window_to_date
  from ops.loads as load
  left join ops.searches as one_off
    on one_off.search = load.search and one_off.fingerprint = load.fingerprint and one_off.kind = 'once'
  where load.dataset = 'videos'
),
queries as (
  select distinct
    query_number,
    search,
    fingerprint,
    is_one_off
  from loads
),
-- Few loads have strays: joining all snapshots with their videos would be slow.
strays as (
  select
    snapshot.load_id,
    snapshot.video_id
  from loads
  join core.video_snapshots as snapshot using (load_id)
  join core.videos as video using (video_id)
  where loads.strays > 0
    and not coalesce(video.created_date between loads.window_from_date and loads.window_to_date, false)
),
seen as (
  select
    loads.query_number,
    snapshot.video_id,
    min(loads.look) filter (not loads.is_random) as first_look,
    max(loads.look) filter (not loads.is_random) as last_look,
    min(loads.look) filter (loads.is_random) as first_draw,
    max(loads.look) filter (loads.is_random) as last_draw,
    min(snapshot.observed_at) as first_seen_at,
    max(snapshot.observed_at) as last_seen_at
  from core.video_snapshots as snapshot
  join loads using (load_id)
  anti join strays on strays.load_id = snapshot.load_id and strays.video_id = snapshot.video_id
  group by all
),
hits as (
  select
    queries.query_number,
    queries.is_one_off,
    hit.fingerprint,
    hit.video_id,
    bool_or(hit.matches) as matches,
    min(hit.first_observed_at) as first_observed_at
  from core.search_hits as hit
  join queries using (search, fingerprint)
  group by all
)
select
  version.search,
  version.fingerprint,
  hits.video_id,
  bool_or(hits.matches) as matches,
  version.is_current,
  version.kind,
  min(seen.first_look) as first_look,
  max(seen.last_look) as last_look,
  min(seen.first_draw) as first_draw,
  max(seen.last_draw) as last_draw,
  min(coalesce(seen.first_seen_at, hits.first_observed_at)) as first_seen_at,
  max(coalesce(seen.last_seen_at, hits.first_observed_at)) as last_seen_at
from hits
join ops.search_versions as version
  on version.sent_fingerprint = hits.fingerprint and (version.kind = 'once') = hits.is_one_off
left join seen on seen.query_number = hits.query_number and seen.video_id = hits.video_id
group by all;
