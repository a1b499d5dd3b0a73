-- Grain: a version of a search's query that was sent, or that the study has now.
-- Caveat: parts of a list of ids are one version.
select
  search,
  part_of as fingerprint,
  bool_or(is_current) as is_current,
  any_value(query order by fingerprint) as query,
  count(*) as parts,
  min(first_date) as first_date,
  max(last_date) as last_date,
  min(first_asked_at) as first_asked_at,
  max(last_asked_at) as last_asked_at
from ops.searches
where kind = 'study'
group by search, part_of
order by search, first_asked_at nulls last, fingerprint;
