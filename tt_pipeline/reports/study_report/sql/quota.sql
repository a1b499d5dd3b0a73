-- Grain: a UTC day of the quota, a bucket and what was requested.
-- Caveat: counts every study that uses the same ledger. Wasted requests were charged and returned nothing by an error or a
-- refusal; empty ones were answered with no record.
select
  quota_date,
  bucket,
  dataset,
  requests,
  requests_wasted,
  requests_empty,
  records
from marts.quota_days
order by all;
