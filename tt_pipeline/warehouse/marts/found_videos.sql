-- Grain: a search, a version of its query and a video it found, in any draw or look.
-- A search is identified by its query: videos that were found under an earlier name count for the present name, and
-- videos that a part of a list of ids found count for the whole list. If two searches have the same query, both found
-- what one of them found. What a one-off search found stays its own, under the search once.
-- Caveat: several versions of a query can find the same video: count distinct videos, or select one version.
-- Example: select search, count(distinct video_id) as videos from core.found_videos group by search order by search;
create or replace view core.found_videos as
select
  coalesce(named.search, hit.search) as search,
  coalesce(named.part_of, hit.fingerprint) as fingerprint,
  hit.video_id,
  bool_or(hit.matches) as matches,
  bool_or(named.fingerprint is not null) as is_current
from core.search_hits as hit
left join ops.searches as one_off
  on one_off.search = hit.search and one_off.fingerprint = hit.fingerprint and one_off.kind = 'once'
left join ops.searches as named
  on named.fingerprint = hit.fingerprint and named.is_current and one_off.search is null
group by all;
