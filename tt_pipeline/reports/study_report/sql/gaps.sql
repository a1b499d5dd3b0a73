-- Grain: a search and unbroken days with one status that is neither complete nor still to come.
-- Caveat: these days have too few videos.
select
  search,
  status,
  min(day_date) as from_date,
  max(day_date) as to_date,
  count(*) as days
from (
  select
    *,
    day_date - (row_number() over (partition by search, status order by day_date))::int as run
  from ops.search_coverage
  where status not in ('outside', 'complete', 'not_due')
)
group by search, status, run
order by search, from_date;
