-- Grain: a search and unbroken days with one status.
-- Caveat: a day that is not complete has too few videos; what is not due yet is no gap.
select
  search,
  kind,
  status,
  min(day_date) as from_date,
  max(day_date) as to_date,
  count(*) as days
from (
  select
    *,
    day_date - (row_number() over (partition by search, kind, status order by day_date))::int as run
  from ops.search_coverage
  where status != 'outside'
)
group by search, kind, status, run
order by search, from_date;
