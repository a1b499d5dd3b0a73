-- Grain: a creator and an observation of it: a UTC day on which its profile was returned, with the last answer of the
-- day.
-- Caveat: profile counts are live, not from the archive. After a rename that is known, the observations continue under the
-- new handle. A refusal is not an observation, so days_since includes its time.
-- Example: select creator_id, sum(follower_growth) as growth, sum(days_since) as days from marts.creator_growth group by creator_id order by growth desc nulls last limit 10;
create or replace view marts.creator_growth as
with observed as (
  select
    snapshot.*,
    coalesce(renamed.creator_id, snapshot.username) as creator_id
  from core.user_snapshots as snapshot
  left join core.renamed_handles as renamed using (username)
  where snapshot.refusal is null
  qualify row_number() over (
    partition by coalesce(renamed.creator_id, snapshot.username), (snapshot.observed_at at time zone 'UTC')::date
    order by snapshot.observed_at desc, snapshot.load_id desc
  ) = 1
)
select
  username,
  creator_id,
  row_number() over before as observation_number,
  observed_at,
  (epoch(observed_at) - epoch(lag(observed_at) over before)) / 86400 as days_since,
  follower_count,
  following_count,
  likes_count,
  video_count,
  follower_count - lag(follower_count) over before as follower_growth,
  following_count - lag(following_count) over before as following_growth,
  likes_count - lag(likes_count) over before as likes_growth,
  video_count - lag(video_count) over before as video_growth
from observed
window before as (partition by creator_id order by observed_at);
