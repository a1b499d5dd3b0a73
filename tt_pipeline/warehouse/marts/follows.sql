-- Grain: an account that follows another, in a look at a list that contains it.
-- Caveat: lists have only public accounts, and of large accounts only the latest 4,000 to 5,000 followers.
-- Example: select follower, followed, max(observed_at) as last_seen_at from core.follows group by all;
create or replace view core.follows as
with begun as (
  select
    list as seen_in,
    username as owner,
    look,
    min(first_fetched_at) as observed_at
  from core.list_snapshots
  group by all
)
select distinct
  follow.follower,
  follow.followed,
  follow.seen_in,
  follow.look,
  begun.observed_at
from core.follow_snapshots as follow
join begun
  on follow.seen_in = begun.seen_in
  and follow.look = begun.look
  and case follow.seen_in when 'followers' then follow.followed else follow.follower end = begun.owner;
