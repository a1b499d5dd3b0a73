-- Grain: a search, a version of its query and a UTC day.
-- Caveat: compare only days with is_comparable: the search lists all its videos, the day is complete, and its last look
-- is done. Then compare videos_fitting_in_last_look: videos counts every look, so a day with two looks has more of them,
-- and also videos that do not fit the query. Creators, views and their age are of the others only, and so of videos of
-- which no field shows whether they fit. Views grow with age: compare days by view_count_at_12_days, or leave out days
-- with may_grow. Do not add up searches, because a video that two searches found counts twice: marts.daily_totals
-- counts it once.
-- Example: select day_date, videos_fitting_in_last_look, videos_in_last_look, videos, status, is_comparable from marts.daily_volume where search = 'climate' order by day_date;
create or replace view marts.daily_volume as
with latest_looks as (
  select
    search,
    fingerprint,
    day_date,
    max(look) as look
  from ops.look_coverage
  -- A window that was split is replaced by smaller windows, whose looks have higher numbers.
  where ends is distinct from 'split' and (records > 0 or ends is not null)
  group by all
),
found as (
  select
    *,
    matches is distinct from false as fits
  from core.found_videos
  where kind != 'once'
),
held as (
  select
    found.search,
    found.fingerprint,
    video.created_date as day_date,
    count(*) as videos,
    count(found.matches) as videos_judged,
    -- If no field shows whether a video meets the query, nobody knows how many do.
    case when videos_judged > 0 then count(*) filter (found.matches) end as videos_matching,
    case
      when any_value(looked.look) is not null then count(*) filter (found.fits and found.last_look = looked.look)
    end as videos_fitting_in_last_look,
    count(*) filter (found.fits) as videos_fitting,
    count(distinct coalesce(renamed.creator_id, video.username)) filter (found.fits) as creators,
    sum(latest.view_count) filter (found.fits)::bigint as view_count,
    median((epoch(latest.observed_at) - epoch(video.created_at)) / 86400) filter (found.fits) as counts_age_days,
    -- As the study plans looks: by UTC days.
    median(date_diff('day', video.created_date, latest.observed_at::date)) filter (found.fits) < 12 as may_grow,
    count(latest.view_count_at_12_days) filter (found.fits) as videos_at_12_days,
    sum(latest.view_count_at_12_days) filter (found.fits)::bigint as view_count_at_12_days
  from found
  join core.videos as video using (video_id)
  left join core.latest_video_snapshots as latest using (video_id)
  left join core.renamed_handles as renamed using (username)
  left join latest_looks as looked
    on looked.search = found.search and looked.fingerprint = found.fingerprint and looked.day_date = video.created_date
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
  coalesce(nullif(creators, 0), least)::bigint as creators,
  status,
  case when coalesce(videos_fitting, 0) = 0 then least::bigint else view_count end as view_count,
  coalesce(kinds.kind, days.kind) as kind,
  coalesce(videos_judged, least)::bigint as videos_judged,
  case when videos is null then least else videos_matching end::bigint as videos_matching,
  counts_age_days,
  may_grow,
  coalesce(videos_at_12_days, least)::bigint as videos_at_12_days,
  case when coalesce(videos_fitting, 0) = 0 then least::bigint else view_count_at_12_days end as view_count_at_12_days,
  looks,
  looks_planned,
  has_last_look,
  case when coalesce(kinds.kind, days.kind) in ('list', 'capped', 'ids') then records end as videos_in_last_look,
  case
    when status is null or coalesce(kinds.kind, days.kind) not in ('list', 'capped') then null
    when videos is null then least
    else videos_fitting_in_last_look
  end::bigint as videos_fitting_in_last_look,
  -- The status says of each day whether a cap cut it off.
  coalesce(kinds.kind in ('list', 'capped') and status = 'complete' and has_last_look, false) as is_comparable
from days
left join kinds using (search, fingerprint);
