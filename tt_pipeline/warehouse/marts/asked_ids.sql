-- Grain: a search of ids and an id of its list.
-- Caveat: an id that is not found is deleted or hidden or never existed; is_asked = false means that it was not
-- requested yet.
-- Example: select strftime(uploaded_at, '%Y-%m') as month, count(*) as ids, count(*) filter (not is_found) as lost from marts.asked_ids where is_asked group by all order by all;
create or replace view marts.asked_ids as
with conditions as (
  select
    search,
    fingerprint,
    first_asked_at is not null as is_asked,
    unnest(from_json(json_extract(query, '$.and'), '[{"field_name": "VARCHAR", "field_values": ["VARCHAR"]}]')) as condition
  from ops.searches
  where is_current
),
asked as (
  select
    search,
    is_asked,
    unnest(condition.field_values)::bigint as video_id
  from conditions
  where condition.field_name = 'video_id'
),
found as (
  select distinct video_id
  from core.search_hits
  anti join (from ops.searches where kind = 'once') using (search, fingerprint)
)
select
  asked.search,
  asked.video_id::varchar as video_id,
  video_url(asked.video_id) as url,
  id_time(asked.video_id) as uploaded_at,
  bool_or(asked.is_asked) as is_asked,
  bool_or(found.video_id is not null) as is_found
from asked
left join found on asked.video_id = found.video_id
group by asked.search, asked.video_id;
