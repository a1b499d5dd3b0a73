-- Grain: a search, a look, and unbroken days that were requested together.
-- Caveat: hidden slots are deleted, private or withheld videos that the API counts and does not return; which of these it
-- does not say. Samples are left out: the API does not count what it skips.
select distinct
  search,
  look,
  window_from_date,
  window_to_date,
  window_slots as slots,
  window_hidden as hidden,
  window_hidden / nullif(window_slots, 0) as share_hidden
from ops.look_coverage
where is_current and ends = 'complete' and draw is null and window_slots > 0
order by search, look, window_from_date;
