-- Grain: two hashtags that at least five videos of a search have together, more often than by chance; the strongest of the
-- search with most videos that is no sample. At least three creators of the search used each hashtag.
-- Caveat: within one search; hashtags that the search requests are left out, because most of its videos have them.
with used as (
  select
    found.search,
    found.fingerprint,
    lower(tag.hashtag_name) as hashtag
  from core.found_videos as found
  join core.video_hashtags as tag using (video_id)
  join core.videos as video using (video_id)
  left join core.renamed_handles as renamed on renamed.username = video.username
  where found.kind in ('list', 'capped') and found.is_current and found.matches is distinct from false
  group by all
  having count(distinct coalesce(renamed.creator_id, video.username)) >= 3
),
pairs as (
  select pairs.*
  from marts.hashtag_pairs as pairs
  semi join used as one on one.search = pairs.search and one.fingerprint = pairs.fingerprint and one.hashtag = pairs.hashtag
  semi join used as other
    on other.search = pairs.search and other.fingerprint = pairs.fingerprint and other.hashtag = pairs.other_hashtag
  where pairs.is_current and not pairs.is_requested and pairs.npmi > 0
),
largest as (
  select search, fingerprint
  from pairs
  group by search, fingerprint, search_videos
  order by search_videos desc, search
  limit 1
)
select
  search,
  hashtag,
  other_hashtag,
  videos,
  hashtag_videos,
  other_videos,
  npmi
from pairs
semi join largest using (search, fingerprint)
order by log_likelihood desc, hashtag, other_hashtag
limit 90;
