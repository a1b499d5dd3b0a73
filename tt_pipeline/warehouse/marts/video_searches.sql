-- Grain: a search, a version of its query and a video it found, in any draw or look.
-- Caveat: count within one search and version: a pool of several searches counts a video several times, and mixes lists
-- with samples. Select is_current to leave out what earlier versions of a query found, and matches to apply the query
-- exactly.
-- Example: select search, kind, count(*) as videos, count(*) filter (matches) as fitting from marts.video_searches where is_current group by all order by search;
create or replace view marts.video_searches as
select
  video_id::varchar as video_id,
  search,
  fingerprint,
  is_current,
  kind,
  matches,
  first_look,
  last_look,
  first_draw,
  last_draw,
  case when kind in ('list', 'ids') then 1.0::double end as inclusion_probability,
  first_seen_at,
  last_seen_at
from core.found_videos;
