-- Grain: a key of the API's answers that this version does not know, named once, with when it was seen first.
select
  dataset,
  field,
  first_seen_at
from ops.fields
where not is_known
order by dataset, field
