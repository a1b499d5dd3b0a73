-- Grain: a search of the study of which more than a twentieth of the videos that can be judged do not fit its query.
-- Earlier versions of a query and one-off searches are left out: nothing can be done about them.
select
  search,
  fingerprint,
  count(distinct video_id) filter (not matches) as counted,
  count(distinct video_id) filter (matches is not null) as out_of
from core.search_hits
anti join (from ops.searches where not is_current) using (search, fingerprint)
group by search, fingerprint
having counted > 0.05 * out_of
order by search, fingerprint
