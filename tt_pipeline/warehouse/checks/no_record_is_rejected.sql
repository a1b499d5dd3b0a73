-- Grain: a page with records that could not be read.
select
  load_id,
  fetched_at,
  log_id,
  records,
  reason
from ops.rejections
order by load_id, fetched_at
