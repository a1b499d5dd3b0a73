-- Grain: two hashtags, in lower case and alphabetical order, that at least two videos carry together.
-- lift = how many times oftener they stand together than two independent hashtags would; 1 means no tie.
-- Caveat: among videos that searches found: a hashtag that was searched for is on too many of them, which lowers its
-- lift. A lift over few videos means little: ask for a minimum.
-- Example: select hashtag, other_hashtag, videos, lift from marts.hashtag_pairs where videos >= 2 order by lift desc limit 10;
create or replace view marts.hashtag_pairs as
with carried as (
  select distinct
    lower(hashtag_name) as hashtag,
    video_id
  from core.video_hashtags
  semi join core.search_hits using (video_id)
),
found as (
  select count(distinct video_id) as videos
  from core.search_hits
),
-- A pair on two videos needs both of its hashtags on two: most hashtags stand on one, and are left out first.
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
