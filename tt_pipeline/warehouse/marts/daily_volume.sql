-- Grain: a search, a version of its query and a UTC day.
-- Caveat: compare only days with is_comparable: the search lists all its videos, the day is complete, and its last look
-- is done. Then compare videos_in_last_look: videos counts every look, so a day with two looks has more of them. Views
-- grow with age: compare days by view_count_at_12_days, or leave out days with may_grow. Do not add up searches, because
-- a video that two searches found counts twice: marts.daily_totals counts it once.
-- Example: select day_date, videos_in_last_look, videos, videos_matching, status, is_comparable from marts.daily_volume where search = 'climate' order by day_date;
create or replace view marts.daily_volume as
with held as (
  select
    found.search,
    found.fingerprint,
    video.created_date as day_date,
    count(*) as videos,
    count(distinct coalesce(renamed.creator_id, video.username)) as creators,
    sum(latest.view_count)::bigint as view_count,
    count(found.matches) as videos_judged,
    -- If no field shows whether a video meets the query, nobody knows how many do.
    case when videos_judged > 0 then count(*) filter (found.matches) end as videos_matching,
    median(date_diff('day', video.created_date, latest.observed_at::date)) as counts_age_days,
    count(latest.view_count_at_12_days) as videos_at_12_days,
    sum(latest.view_count_at_12_days)::bigint as view_count_at_12_days
  from core.found_videos as found
  join core.videos as video using (video_id)
  left join core.latest_video_snapshots as latest using (video_id)
  left join core.renamed_handles as renamed using (username)
  where found.kind != 'once'
  group by all
),
kinds as (
  select distinct
    search,
    fingerprint,
    kind
  from ops.search_versions
),
-- Of a day that was collected to its end no video means 0; of any other day it means that nobody knows.
days as (
  select
    *,
    case when coverage.status in ('complete', 'capped') then 0 end as least
  from ops.search_coverage as coverage
  full join held using (search, fingerprint, day_date)
)
select
  search,
  fingerprint,
  day_date,
  coalesce(videos, least)::bigint as videos,
  coalesce(creators, least)::bigint as creators,
  status,
  case when videos is null then least::bigint else view_count end as view_count,
  coalesce(kinds.kind, days.kind) as kind,
  coalesce(videos_judged, least)::bigint as videos_judged,
  case when videos is null then least else videos_matching end::bigint as videos_matching,
  counts_age_days,
  counts_age_days < 12 as may_grow,
  coalesce(videos_at_12_days, least)::bigint as videos_at_12_days,
  case when videos is null then least::bigint else view_count_at_12_days end as view_count_at_12_days,
  looks,
  looks_planned,
  has_last_look,
  case when coalesce(kinds.kind, days.kind) in ('list', 'capped', 'ids') then records end as videos_in_last_look,
  -- The status says of each day whether a cap cut it off.
  coalesce(kinds.kind in ('list', 'capped') and status = 'complete' and has_last_look, false) as is_comparable
from days
left join kinds using (search, fingerprint);
