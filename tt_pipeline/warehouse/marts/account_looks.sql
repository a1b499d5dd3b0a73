-- Grain: an account, one of its lists and a look at the list.
-- entries = entries of the complete look before - entries_vanished + entries_new.
-- Caveat: of large accounts the API returns only the latest followers, so older ones seem to vanish.
-- Example: select username, list, look, entries, entries_new, entries_vanished from marts.account_looks;
create or replace view marts.account_looks as
with ended as (
  select
    list,
    username,
    look,
    min(first_fetched_at) as observed_at,
    arg_max(refusal, last_fetched_at) as refusal,
    coalesce(arg_max(ends, last_fetched_at) = 'complete', false) as is_complete
  from core.list_snapshots
  group by all
),
looked as (
  select *, count(*) filter (is_complete) over earlier as number
  from ended
  window earlier as (partition by list, username order by look rows unbounded preceding)
),
entry as (
  select
    seen_in as list,
    case seen_in when 'followers' then followed else follower end as username,
    look,
    case seen_in when 'followers' then follower else followed end as entry
  from core.follow_snapshots
  union
  select list, username, look, video_id::varchar
  from core.listed_video_snapshots
),
found as (
  select
    *,
    lag(number) over looks as number_before,
    lead(number) over looks as number_after
  from entry
  join looked using (list, username, look)
  window looks as (partition by list, username, is_complete, entry order by look)
),
counted as (
  select
    list,
    username,
    look,
    count(*) as entries,
    count(*) filter (number_before is distinct from number - 1) as entries_new
  from found
  group by all
),
vanished as (
  select
    list,
    username,
    number + 1 as number,
    count(*) as entries_vanished
  from found
  where is_complete and number_after is distinct from number + 1
  group by all
)
select
  username,
  list,
  look,
  looked.observed_at,
  looked.is_complete,
  looked.refusal,
  coalesce(counted.entries, 0) as entries,
  case when looked.is_complete and looked.number > 1 then coalesce(counted.entries_new, 0) end as entries_new,
  case when looked.is_complete and looked.number > 1 then coalesce(vanished.entries_vanished, 0) end
    as entries_vanished
from looked
left join counted using (list, username, look)
left join vanished using (list, username, number);
