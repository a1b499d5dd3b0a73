-- Grain: a search that the study has now.
-- Caveat: requests are those of all looks and versions that the ledger in use has; a window's requests are divided among its
-- days.
with days as (
  select
    search,
    any_value(kind) as kind,
    max(looks_planned) as looks_planned,
    count(*) filter (status != 'not_due') as days_due,
    count(*) filter (status = 'complete') as days_complete,
    min(day_date) as first_date,
    max(day_date) filter (status != 'not_due') as last_date
  from ops.search_coverage
  where status != 'outside'
  group by search
),
looked as (
  select
    search,
    round(sum(requests), 1) as requests,
    sum(records)::bigint as records
  from ops.look_coverage
  group by search
),
found as (
  select
    search,
    count(*) as videos,
    count(*) filter (matches is distinct from false) as videos_fitting
  from core.found_videos
  where kind != 'once' and is_current
  group by search
)
select
  days.*,
  looked.requests,
  looked.records,
  coalesce(found.videos, 0) as videos,
  coalesce(found.videos_fitting, 0) as videos_fitting
from days
left join looked using (search)
left join found using (search)
order by search;
