-- Grain: a check of the data that failed, and the search in which it failed.
-- Caveat: the numbers of the named tables are affected.
select check_name, search, severity, message, concerns
from ops.check_results
where not has_passed
order by all;
