-- Grain: a search, a version of its query and a UTC day.
-- Caveat: read the status with the number: a day that is not complete has too few videos, and videos is NULL if the API
-- has not answered for the day. A version that the study no longer has has no status.
-- Example: select day_date, videos, status from marts.daily_volume where search = 'climate' order by day_date;
create or replace view marts.daily_volume as
with held as (
  select
    found.search,
    found.fingerprint,
    video.created_date as day_date,
    count(*) as videos,
    count(distinct video.username) as creators,
    sum(latest.view_count)::bigint as view_count
  from core.found_videos as found
  join core.videos as video using (video_id)
  left join core.latest_video_snapshots as latest using (video_id)
  group by all
)
select
  search,
  fingerprint,
  day_date,
  case when coverage.records is not null then coalesce(held.videos, 0) else held.videos end as videos,
  case when coverage.records is not null then coalesce(held.creators, 0) else held.creators end as creators,
  coverage.status,
  held.view_count
from ops.search_coverage as coverage
full join held using (search, fingerprint, day_date);
