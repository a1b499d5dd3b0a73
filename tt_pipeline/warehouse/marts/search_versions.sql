-- Grain: a version of a search's query that was sent, under each present name of it; a list of ids can be sent in parts.
-- A search is identified by its query: a version that the study has now has its present name, another one its last name.
-- What a one-off search found stays its own, under the search once.
-- Caveat: kind is capped only if a day was cut off; a cap that no day reached changes nothing.
-- Example: select search, kind, is_current from ops.search_versions order by search;
create or replace view ops.search_versions as
with one_offs as (
  select
    search,
    fingerprint
  from ops.searches
  where kind = 'once'
),
sent as (
  select
    load.fingerprint,
    one_offs.search is not null as is_one_off,
    arg_max(load.search, load.last_fetched_at) as search,
    bool_or(is_random) as is_random,
    bool_or(coalesce(ends = 'video_cap', false)) as is_capped
  from ops.loads as load
  left join one_offs on one_offs.search = load.search and one_offs.fingerprint = load.fingerprint
  where load.dataset = 'videos'
  group by all
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
    when sent.is_one_off then 'once'
    when sent.is_random then 'sample'
    when id_lists.fingerprint is not null then 'ids'
    when sent.is_capped then 'capped'
    else 'list'
  end as kind,
  named.fingerprint is not null as is_current
from sent
left join ops.searches as named
  on named.fingerprint = sent.fingerprint and named.is_current and not sent.is_one_off
left join id_lists on id_lists.fingerprint = sent.fingerprint;
