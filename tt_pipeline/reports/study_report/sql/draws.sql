-- Grain: a search that draws random samples, and a UTC day of posting.
-- Caveat: the number of drawn videos is the size of the sample, so it is no volume.
select
  search,
  day_date,
  status,
  videos as videos_drawn,
  videos_matching as videos_fitting
from marts.daily_volume
where status is not null and status not in ('outside', 'not_due') and kind = 'sample'
order by search, day_date;
