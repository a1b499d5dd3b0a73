-- Grain: an account that follows another, in any list and look.
-- Caveat: lists have only public accounts, and of large accounts only the latest 4,000 to 5,000 followers: older
-- follows look as if they had ended.
-- Example: select follower, followed, is_mutual from marts.follow_edges where is_current order by all;
create or replace view marts.follow_edges as
with complete as (
  select
    list,
    username,
    max(look) as last_look
  from core.list_snapshots
  where ends = 'complete'
  group by all
),
seen as (
  select
    follower,
    followed,
    seen_in,
    max(look) as last_look,
    min(observed_at) as first_seen_at,
    max(observed_at) as last_seen_at
  from core.follows
  group by all
),
edges as (
  select
    seen.follower,
    seen.followed,
    string_agg(seen.seen_in, ', ' order by seen.seen_in) as seen_in,
    min(seen.first_seen_at) as first_seen_at,
    max(seen.last_seen_at) as last_seen_at,
    bool_or(seen.last_look >= coalesce(complete.last_look, 0)) as is_current
  from seen
  left join complete
    on seen.seen_in = complete.list
    and case seen.seen_in when 'followers' then seen.followed else seen.follower end = complete.username
  group by all
)
select
  edges.follower,
  edges.followed,
  edges.seen_in,
  edges.is_current,
  back.follower is not null as is_mutual,
  edges.first_seen_at,
  edges.last_seen_at
from edges
left join edges as back on edges.follower = back.followed and edges.followed = back.follower;
