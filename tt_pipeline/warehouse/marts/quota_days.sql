-- Grain: a UTC day, a bucket of its quota and a dataset.
-- Caveat: requests that the server does not charge are left out. A request for an account or video that the API refused
-- counts as wasted too: it was charged and returned nothing. A request that was counted again is not wasted: its page has
-- landed, but how many records it returned is not known, so records_per_request leaves it out.
-- Example: select quota_date, dataset, requests, requests_wasted, records_per_request from marts.quota_days order by all;
create or replace view marts.quota_days as
select
  quota_date,
  bucket,
  dataset,
  count(*) as requests,
  count(*) filter (
    code is distinct from 'ok' and code is distinct from 'counted_again' and coalesce(records, 0) = 0
  ) as requests_wasted,
  count(*) filter (code = 'ok' and coalesce(records, 0) = 0) as requests_empty,
  coalesce(sum(records), 0)::bigint as records,
  coalesce(sum(hidden), 0)::bigint as hidden,
  coalesce(sum(records), 0) / nullif(count(*) filter (code is distinct from 'counted_again'), 0) as records_per_request
from ops.requests
where is_charged
group by all;
