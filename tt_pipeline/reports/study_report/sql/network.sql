-- Grain: two hashtags that at least five videos of a search have together, more often than by chance; the strongest of the
-- search with most videos that is no sample.
-- Caveat: within one search; hashtags that the search requests are left out, because most of its videos have them.
with largest as (
  select search, fingerprint
  from marts.hashtag_pairs
  semi join (from ops.search_versions where kind in ('list', 'capped')) using (search, fingerprint)
  where is_current and not is_requested and npmi > 0
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
from marts.hashtag_pairs
semi join largest using (search, fingerprint)
where is_current and not is_requested and npmi > 0
order by log_likelihood desc, hashtag, other_hashtag
limit 90;
