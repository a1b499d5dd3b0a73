-- Grain: a complete day without videos in its latest look, while the median of the week before and after it is 20 or more.
-- A second net: coverage/suspicion.py calls a day suspicious already where 10 videos are usual.
with around as (
  select
    search,
    day_date,
    records,
    status,
    median(records) over (
      partition by search, fingerprint
      order by day_date
      range between interval 7 days preceding and interval 7 days following
      exclude current row
    ) as usual
  from ops.search_coverage
)
select
  search,
  day_date,
  usual
from around
where status = 'complete' and records = 0 and usual >= 20
order by search, day_date
