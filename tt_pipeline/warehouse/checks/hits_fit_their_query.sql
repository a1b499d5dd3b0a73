-- Grain: a search of the study of which more than a twentieth of the videos that can be judged do not fit its query.
-- Earlier versions of a query and one-off searches are left out: nothing can be done about them.
with searches as (
  select
    search,
    fingerprint,
    -- A video has a row for each draw of a sample; without samples counting rows takes a twentieth of the time.
    min(coalesce(draw, 0)) < max(coalesce(draw, 0)) as has_draws,
    count(*) filter (not matches) as counted,
    count(*) filter (matches is not null) as out_of
  from core.search_hits
  anti join (from ops.searches where not is_current) using (search, fingerprint)
  group by search, fingerprint
),
drawn as (
  select
    search,
    fingerprint,
    count(distinct video_id) filter (not matches) as counted,
    count(distinct video_id) filter (matches is not null) as out_of
  from core.search_hits
  semi join (from searches where has_draws) using (search, fingerprint)
  group by search, fingerprint
)
select
  search,
  fingerprint,
  coalesce(drawn.counted, searches.counted) as counted,
  coalesce(drawn.out_of, searches.out_of) as out_of
from searches
left join drawn using (search, fingerprint)
where coalesce(drawn.counted, searches.counted) > 0.05 * coalesce(drawn.out_of, searches.out_of)
order by search, fingerprint
