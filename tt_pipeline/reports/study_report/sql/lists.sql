-- Grain: a list of observed accounts and a UTC day on which complete looks at it began.
-- Caveat: of large accounts the API returns only the latest followers, so older ones seem to vanish.
select
  list,
  (observed_at at time zone 'UTC')::date as day_date,
  count(distinct username) as accounts,
  sum(entries)::bigint as entries,
  sum(entries_new)::bigint as entries_new,
  sum(entries_vanished)::bigint as entries_vanished
from marts.account_looks
where is_complete
group by all
order by all;
