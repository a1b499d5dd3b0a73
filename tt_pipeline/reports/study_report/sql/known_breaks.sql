-- Grain: a known change of the API that affects numbers.
-- Caveat: numbers before and after one of these dates are not comparable.
select from_date, to_date, concerns, axis, what, source
from ops.known_breaks
order by all;
