-- Grain: a handle: of the creator of a collected video, or of an account whose profile was requested.
-- Caveat: creator_id is the handle under which the account was first seen; it changes if a later rename joins two groups.
-- Renames are known only of accounts whose videos were found before and after.
-- Example: select creator_id, username, first_seen_at, renamed_to, profile_status from marts.handles where creator_id in (select creator_id from marts.handles where renamed_to is not null) order by all;
create or replace view marts.handles as
with names as (
  select username, min(first_observed_at) as first_seen_at, max(first_observed_at) as last_seen_at, count(*) as videos
  from core.videos
  where username is not null
  group by username
  union all
  select username, min(first_observed_at), max(first_observed_at), 0
  from core.video_versions
  where username is not null
  group by username
  union all
  select username, min(observed_at), max(observed_at), 0
  from core.user_snapshots
  where refusal is null
  group by username
  union all
  select username, null, null, 0
  from ops.account_coverage
  where list = 'profile'
),
handles as (
  select
    username,
    min(first_seen_at) as first_seen_at,
    max(last_seen_at) as last_seen_at,
    sum(videos)::bigint as videos
  from names
  group by username
),
chained as (
  select
    handles.*,
    coalesce(renamed.creator_id, handles.username) as creator_id,
    lead(handles.username) over later as renamed_to,
    case
      when lead(handles.first_seen_at) over later > handles.last_seen_at then lead(handles.first_seen_at) over later
      else lead(handles.last_seen_at) over later  -- a handle that the account took back
    end as renamed_seen_at
  from handles
  left join core.renamed_handles as renamed using (username)
  window later as (
    partition by coalesce(renamed.creator_id, handles.username)
    -- The present handle is the one that was seen last: an account can take an earlier handle back.
    order by handles.last_seen_at nulls first, handles.first_seen_at, handles.username
  )
)
select
  chained.username,
  chained.creator_id,
  chained.first_seen_at,
  chained.renamed_to,
  chained.renamed_seen_at,
  chained.videos,
  case when chained.renamed_to is not null then 'renamed' else account.status end as profile_status
from chained
left join ops.account_coverage as account on account.username = chained.username and account.list = 'profile';
