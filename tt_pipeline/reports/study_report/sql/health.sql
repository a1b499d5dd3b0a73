-- Grain: an endpoint and a kind of answer.
-- Caveat: counts every study that uses the same ledger; seconds include the transfer.
select
  endpoint,
  coalesce(code, 'no answer') as answer,
  count(*) as requests,
  median(seconds) as seconds_median,
  quantile_cont(seconds, 0.95) as seconds_95_percent,
  min((reserved_at at time zone 'UTC')::date) as from_date,
  max((reserved_at at time zone 'UTC')::date) as to_date
from ops.requests
where endpoint != 'counted_again'
group by all
order by endpoint, requests desc, answer;
