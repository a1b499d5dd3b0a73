-- Grain: a version of a search's query that was sent, under each present name of it; a list of ids can be sent in parts.
-- A search is identified by its query: a version that the study has now has its present name, another one its last name.
-- Caveat: kind is capped only if a day was cut off; a cap that no day reached changes nothing.
-- Example: select search, kind, is_current from ops.search_versions order by search;
create or replace view ops.search_versions as
with sent as (
  select
    fingerprint,
    arg_max(search, last_fetched_at) as search,
    bool_or(is_random) as is_random,
    bool_or(coalesce(ends = 'video_cap', false)) as is_capped
  from ops.loads
  where dataset = 'videos'
  group by fingerprint
),
id_lists as (
  select distinct fingerprint
  from ops.searches
  where list_contains(json_extract_string(query, '$.and[*].field_name'), 'video_id')
)
select
  coalesce(named.search, sent.search) as search,
  coalesce(named.part_of, sent.fingerprint) as fingerprint,
  sent.fingerprint as sent_fingerprint,
  case
    when sent.is_random then 'sample'
    when id_lists.fingerprint is not null then 'ids'
    when sent.is_capped then 'capped'
    else 'list'
  end as kind,
  named.fingerprint is not null as is_current
from sent
left join ops.searches as named on named.fingerprint = sent.fingerprint and named.is_current
left join id_lists on id_lists.fingerprint = sent.fingerprint;
