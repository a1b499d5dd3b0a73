-- Grain: a search and a region in which its creators registered; the ten with most videos of each search.
-- Caveat: the region is that of the account, not where a video was made.
with counted as (
  select
    found.search,
    coalesce(video.region_code, 'none') as region_code,
    count(*) as videos
  from core.found_videos as found
  join core.videos as video using (video_id)
  where found.kind != 'once' and found.is_current and found.matches is distinct from false
  group by all
)
select
  search,
  region_code,
  videos,
  videos / sum(videos) over (partition by search) as share_of_videos
from counted
qualify row_number() over (partition by search order by videos desc, region_code) <= 10
order by search, videos desc, region_code;
