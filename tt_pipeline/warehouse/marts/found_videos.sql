-- Grain: a search, a version of its query and a video it found, in any draw or look.
-- A search is its query: what was found under an earlier name belongs to the present one, and what was found by a part
-- of a list of ids to the whole. Two searches that ask the same both found what one of them did.
-- Caveat: versions of a query overlap; of several count distinct videos, or take those of the present one.
-- Example: select search, count(distinct video_id) as videos from core.found_videos group by search order by search;
create or replace view core.found_videos as
select
  coalesce(named.search, hit.search) as search,
  coalesce(named.part_of, hit.fingerprint) as fingerprint,
  hit.video_id,
  bool_or(hit.matches) as matches,
  bool_or(named.fingerprint is not null) as is_current
from core.search_hits as hit
left join ops.searches as named on named.fingerprint = hit.fingerprint and named.is_current
group by all;
