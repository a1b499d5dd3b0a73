-- Grain: a search, a version of its query, and two hashtags, in lower case and alphabetical order, that at least five of its
-- videos have together.
-- All numbers are of the videos of this search, without those that do not fit its query. lift = how many times more often the two occur together than two
-- independent hashtags would; 1 means by chance. npmi = the same from -1 (never together) to 1 (never apart).
-- log_likelihood = how sure it is that the two are not independent: 10.8 or more is rarer than one in a thousand by chance.
-- It is as high for two hashtags that avoid each other: select lift > 1.
-- Caveat: a hashtag that the query requests, or that contains a keyword of it, is on most of the videos, so its lift is near
-- 1: leave out is_requested. Lifts of
-- different searches cannot be compared, and those of a random sample of all languages mostly show languages.
-- Example: select hashtag, other_hashtag, videos, lift from marts.hashtag_pairs where search = 'climate' and is_current and lift > 1 order by log_likelihood desc limit 10;
create or replace view marts.hashtag_pairs as
with found as (
  select
    search,
    fingerprint,
    is_current,
    video_id
  from core.found_videos
  where kind != 'once' and matches is distinct from false
),
searches as (
  select
    search,
    fingerprint,
    is_current,
    -- An integer, because grouping millions of rows by text is slow.
    row_number() over (order by search, fingerprint) as number,
    videos
  -- Grouped by two columns only: with a third DuckDB expects so many searches that it joins pairs first, and runs out of memory.
  from (
    select
      search,
      fingerprint,
      bool_or(is_current) as is_current,
      count(*) as videos
    from found
    group by search, fingerprint
  )
),
conditions as (
  select
    version.search,
    version.fingerprint,
    unnest(
      from_json(
        coalesce(json_extract(query, '$.and'), '[]'),
        '[{"field_name": "VARCHAR", "field_values": ["VARCHAR"]}]'
      )
      || from_json(
        coalesce(json_extract(query, '$.or'), '[]'),
        '[{"field_name": "VARCHAR", "field_values": ["VARCHAR"]}]'
      )
    ) as condition
  from ops.searches as sent
  join ops.search_versions as version on version.sent_fingerprint = sent.fingerprint and version.kind != 'once'
),
requested as (
  select distinct
    searches.number,
    condition.field_name = 'keyword' as is_keyword,
    lower(replace(ltrim(value, '#'), ' ', '')) as word
  from conditions
  join searches using (search, fingerprint), unnest(condition.field_values) as of_(value)
  where condition.field_name in ('hashtag_name', 'keyword') and word != ''
),
-- A keyword is searched in the description, which contains the hashtags. Lists, because a join by parts of words is slow.
requested_words as (
  select
    number,
    list(word) as words,
    coalesce(list(word) filter (is_keyword), []) as keywords
  from requested
  group by number
),
carried as (
  select distinct
    lower(hashtag_name) as hashtag,
    video_id
  from core.video_hashtags
),
-- Hashtags of fewer than five videos cannot be in a pair of five: most hashtags are left out here.
common as (
  select
    hashtag,
    row_number() over (order by hashtag) as tag
  from carried
  group by hashtag
  having count(*) >= 5
),
tagged as (
  select
    searches.number,
    common.tag,
    carried.video_id
  from carried
  join common using (hashtag)
  join found using (video_id)
  join searches using (search, fingerprint)
),
hashtags as (
  select
    number,
    tag,
    count(*) as videos
  from tagged
  group by all
),
pairs as (
  select
    one.number,
    one.tag,
    other.tag as other_tag,
    count(*) as videos
  from tagged as one
  join tagged as other on one.video_id = other.video_id and one.number = other.number and one.tag < other.tag
  group by all
  having count(*) >= 5
),
counted as (
  select
    pairs.number,
    searches.search,
    searches.fingerprint,
    searches.is_current,
    first.hashtag,
    second.hashtag as other_hashtag,
    pairs.videos,
    one.videos as hashtag_videos,
    other.videos as other_videos,
    searches.videos as search_videos,
    pairs.videos::double * searches.videos / (one.videos::double * other.videos) as lift
  from pairs
  join searches using (number)
  join hashtags as one on pairs.number = one.number and pairs.tag = one.tag
  join hashtags as other on pairs.number = other.number and pairs.other_tag = other.tag
  join common as first on pairs.tag = first.tag
  join common as second on pairs.other_tag = second.tag
)
select
  counted.* exclude (number),
  case when videos = search_videos then 1.0 else ln(lift) / -ln(videos::double / search_videos) end as npmi,
  log_likelihood(videos, hashtag_videos, other_videos, search_videos) as log_likelihood,
  coalesce(
    list_has_any(requested.words, [hashtag, other_hashtag])
    or len(list_filter(requested.keywords, lambda word: contains(hashtag, word) or contains(other_hashtag, word))) > 0,
    false
  ) as is_requested
from counted
left join requested_words as requested using (number);
