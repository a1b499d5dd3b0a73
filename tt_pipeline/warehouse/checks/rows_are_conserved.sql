-- Grain: a load whose pages held other records than its tables hold.
-- A purge may have cut records from a page that its envelope still counts. `held` is what `audit.rows_found` counts.
with held as ({rows_found})
select
  load.load_id,
  load.records_in,
  load.rows_loaded,
  load.duplicates,
  load.rejected,
  coalesce(held.rows_found, 0) as rows_found
from ops.loads as load
left join held using (load_id)
where load.records_in - load.rows_loaded - load.duplicates - load.rejected not in (0, load.redacted)
  or load.rows_loaded != coalesce(held.rows_found, 0)
order by load.load_id
