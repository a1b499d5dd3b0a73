-- Grain: a search of the study of which more than a twentieth of the videos that can be judged do not fit its query.
-- Earlier versions of a query and one-off searches are left out: nothing can be done about them.
select
  search,
  fingerprint,
  count(distinct video_id) as hits,
  count(distinct video_id) filter (matches is not null) as judged,
  count(distinct video_id) filter (not matches) as misfits,
  round(misfits / judged, 3) as rate
from core.search_hits
anti join (from ops.searches where not is_current) using (search, fingerprint)
group by search, fingerprint
having misfits > 0.05 * judged
order by search, fingerprint
