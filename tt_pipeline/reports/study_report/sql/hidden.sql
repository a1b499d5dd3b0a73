-- Grain: a search, a look, and unbroken days that were requested together; parts of a list of ids are added.
-- Caveat: hidden slots are deleted, private or withheld videos that the API counts and does not return; which of these it
-- does not say. Samples are left out: the API does not count what it skips.
with requested as (
  select
    any_value(search) as search,
    any_value(look) as look,
    any_value(window_from_date) as window_from_date,
    any_value(window_to_date) as window_to_date,
    any_value(window_slots) as slots,
    any_value(window_hidden) as hidden
  from ops.look_coverage
  where is_current and ends = 'complete' and draw is null and window_slots > 0
  group by load_id
)
select
  search,
  look,
  window_from_date,
  window_to_date,
  sum(slots)::bigint as slots,
  sum(hidden)::bigint as hidden,
  sum(hidden) / sum(slots) as share_hidden
from requested
group by search, look, window_from_date, window_to_date
order by search, look, window_from_date;
