-- Grain: a version of a search of which more than a twentieth of the videos that can be judged do not fit its query.
select
  search,
  fingerprint,
  count(*) as hits,
  count(matches) as judged,
  count(*) filter (not matches) as misfits,
  round(count(*) filter (not matches) / count(matches), 3) as rate
from core.search_hits
group by search, fingerprint
having count(*) filter (not matches) > 0.05 * count(matches)
order by search, fingerprint
