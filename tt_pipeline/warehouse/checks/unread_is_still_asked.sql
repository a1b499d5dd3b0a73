-- Grain: a landed page that cannot be read whole, and about which the study no longer asks.
select
  file,
  line,
  dataset,
  search,
  window_from_date,
  window_to_date,
  records,
  log_id,
  reason
from ops.quarantine
where is_given_up
order by file, line
