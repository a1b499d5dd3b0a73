-- Grain: a handle that a rename connects with another one: a video was seen under both.
-- creator_id = the handle of the group that was seen first. A later rename can join two groups; then the ids of one change.
-- Caveat: a rename is known only if a video of the account was found before and after it. If another person has taken over
-- a handle, both count as one.
-- Example: select creator_id, username, first_seen_at from core.renamed_handles order by all;
create or replace view core.renamed_handles as
with recursive names as (
  select video_id, username, first_observed_at from core.videos
  union all
  select video_id, username, first_observed_at from core.video_versions
),
changed as (
  select distinct version.video_id
  from core.video_versions as version
  join core.videos as video using (video_id)
  where version.username != video.username
),
seen as (
  select distinct
    video_id,
    username
  from names
  semi join changed using (video_id)
  where username is not null
),
renames as (
  select distinct
    one.username,
    other.username as other
  from seen as one
  join seen as other on one.video_id = other.video_id and one.username != other.username
),
reached as (
  select username, other from renames
  union
  select reached.username, renames.other
  from reached
  join renames on renames.username = reached.other
),
dated as (
  select
    username,
    min(first_observed_at) as first_seen_at
  from names
  semi join renames using (username)
  group by username
)
select
  reached.username,
  arg_min(reached.other, (dated.first_seen_at, reached.other)) as creator_id,
  any_value(own.first_seen_at) as first_seen_at
from reached
join dated on dated.username = reached.other
join dated as own on own.username = reached.username
group by reached.username;
