-- Grain: a day of a search that was or should have been asked for and is not complete.
select
  search,
  day_date,
  status,
  note
from ops.search_coverage
where status not in ('complete', 'not_due', 'early', 'outside')
order by search, day_date
