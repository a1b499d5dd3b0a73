-- Grain: what was deleted, and why.
-- Caveat: deleted from this data dir; how many copies elsewhere were deleted is not known.
select
  subject,
  reason,
  count(*) as deletions,
  min((deleted_at at time zone 'UTC')::date) as from_date,
  max((deleted_at at time zone 'UTC')::date) as to_date
from ops.deletions
group by all
order by all;
