-- Grain: two hashtags, in lower case and alphabetical order, that at least two videos have together.
-- lift = how many times more often they occur together than two independent hashtags would; 1 means by chance.
-- Caveat: counts only videos that searches found. A hashtag that a search requests is on too many of them, which lowers
-- its lift. A lift from few videos means little: require a minimum of videos.
-- Example: select hashtag, other_hashtag, videos, lift from marts.hashtag_pairs where videos >= 2 order by lift desc limit 10;
create or replace view marts.hashtag_pairs as
with hits as (
  -- Without one-off searches.
  from core.search_hits
  anti join (from ops.searches where kind = 'once') using (search, fingerprint)
),
carried as (
  select distinct
    lower(hashtag_name) as hashtag,
    video_id
  from core.video_hashtags
  semi join hits using (video_id)
),
found as (
  select count(distinct video_id) as videos
  from hits
),
-- Hashtags of a single video cannot be in a pair of two videos: most hashtags are left out here.
hashtags as (
  select
    hashtag,
    count(*) as videos
  from carried
  group by hashtag
  having count(*) >= 2
),
frequent as (
  select
    hashtag,
    video_id
  from carried
  semi join hashtags using (hashtag)
),
pairs as (
  select
    one.hashtag,
    other.hashtag as other_hashtag,
    count(*) as videos
  from frequent as one
  join frequent as other on one.video_id = other.video_id and one.hashtag < other.hashtag
  group by all
  having count(*) >= 2
)
select
  pairs.hashtag,
  pairs.other_hashtag,
  pairs.videos,
  one.videos as hashtag_videos,
  other.videos as other_videos,
  pairs.videos::double * found.videos / (one.videos::double * other.videos) as lift
from pairs
join hashtags as one on pairs.hashtag = one.hashtag
join hashtags as other on pairs.other_hashtag = other.hashtag
cross join found;
