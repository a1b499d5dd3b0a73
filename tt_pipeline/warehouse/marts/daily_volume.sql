-- Grain: a search, a version of its query and a UTC day.
-- Caveat: read the status beside the number; a day that is not complete holds fewer videos than there are.
-- Example: select day_date, videos, status from marts.daily_volume where search = 'climate' order by day_date;
create or replace view marts.daily_volume as
with held as (
  select
    coalesce(named.search, hit.search) as search,
    coalesce(named.part_of, hit.fingerprint) as fingerprint,
    video.created_date as day_date,
    count(distinct hit.video_id) as videos,
    count(distinct video.username) as creators,
    sum(latest.view_count)::bigint as view_count
  from (select distinct search, fingerprint, video_id from core.search_hits) as hit
  join core.videos as video using (video_id)
  -- A search is its query: what was found under an earlier name belongs to the present one, and what was found by a
  -- part of a list of ids to the whole.
  left join ops.searches as named on named.fingerprint = hit.fingerprint and named.is_current
  left join core.latest_video_snapshots as latest using (video_id)
  group by all
)
select
  search,
  fingerprint,
  day_date,
  coalesce(held.videos, 0) as videos,
  coalesce(held.creators, 0) as creators,
  coverage.status,
  held.view_count
from ops.search_coverage as coverage
full join held using (search, fingerprint, day_date);
