-- Grain: a load of comments in which some name another video than the requested one.
select
  load_id,
  rows_loaded,
  strays
from ops.loads
where dataset = 'comments' and strays > 0
order by load_id
