-- Grain: a search whose days were requested completely and not as a sample.
-- Caveat: hidden slots are deleted, private or withheld videos that the API counts and does not return, of all looks.
with requested as (
  select
    any_value(search) as search,
    any_value(window_slots) as slots,
    any_value(window_hidden) as hidden
  from ops.look_coverage
  where is_current and ends = 'complete' and draw is null and window_slots > 0
  group by load_id
)
select
  search,
  sum(slots)::bigint as slots,
  sum(hidden)::bigint as hidden,
  sum(hidden) / sum(slots) as share_hidden
from requested
group by search
order by search;
