-- Grain: a search of ids and a month in which the ids were given out.
-- Caveat: an id that is not shown is deleted or hidden, or never existed.
select
  search,
  date_trunc('month', uploaded_at at time zone 'UTC')::date as month_date,
  count(*) as ids,
  count(*) filter (is_shown) as ids_shown,
  count(*) filter (not is_shown) as ids_not_shown,
  count(*) filter (is_shown is null) as ids_unknown
from marts.asked_ids
group by all
order by all;
