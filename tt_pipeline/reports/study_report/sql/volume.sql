-- Grain: a search that lists all its videos, and a UTC day of posting.
-- Caveat: compare days with is_comparable only, by videos_fitting. Do not add up searches.
select
  search,
  day_date,
  status,
  is_comparable,
  videos_in_last_look as videos_found,
  videos_fitting_in_last_look as videos_fitting
from marts.daily_volume
where status is not null and status not in ('outside', 'not_due') and kind in ('list', 'capped')
order by search, day_date;
