-- Grain: a complete day without videos, while the median of the week before and after it is 20 or more.
with around as (
  select
    search,
    day_date,
    videos,
    status,
    median(videos) over (
      partition by search, fingerprint
      order by day_date
      range between interval 7 days preceding and interval 7 days following
      exclude current row
    ) as usual
  from marts.daily_volume
)
select
  search,
  day_date,
  usual
from around
where status = 'complete' and videos = 0 and usual >= 20
order by search, day_date
