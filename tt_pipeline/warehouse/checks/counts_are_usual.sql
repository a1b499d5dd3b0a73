-- Grain: a complete day whose latest look holds a number of videos far from the median of the complete days of two weeks
-- around it.
-- Weekends and holidays move a search by less than a factor of two; a fifth of 20 by accident is one in a million.
-- The check no_sudden_silence names days without any.
with around as (
  select
    search,
    day_date,
    records as videos,
    median(records) over two_weeks as usual,
    count(*) over two_weeks as days
  from ops.search_coverage
  where status = 'complete'
  window two_weeks as (
    partition by search, fingerprint
    order by day_date
    range between interval 7 days preceding and interval 7 days following
    exclude current row
  )
)
select
  search,
  day_date,
  videos,
  usual
from around
where days >= 5
  and usual >= 20
  and videos > 0
  and (videos * 5 < usual or videos > usual * 5)
order by search, day_date
