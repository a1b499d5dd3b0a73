-- Grain: a creator: the account that posted a collected video, or an account whose profile was requested, with all the
-- handles that it is known to have had.
-- Caveat: a rename is known only if a video was found before and after it; otherwise one person has two rows. Profile counts
-- are live; sums cover only collected videos.
-- Example: select username, videos_held, views_held from marts.creators order by views_held desc limit 10;
create or replace view marts.creators as
with posted as (
  select
    coalesce(renamed.creator_id, video.username) as creator_id,
    count(*) as videos_held,
    sum(latest.view_count)::bigint as views_held,
    sum(latest.like_count)::bigint as likes_held,
    min(video.created_at) as first_video_at,
    max(video.created_at) as last_video_at
  from core.videos as video
  left join core.latest_video_snapshots as latest using (video_id)
  left join core.renamed_handles as renamed using (username)
  where video.username is not null
  group by all
),
named as (
  select
    creator_id,
    max(username) filter (renamed_to is null) as username,
    count(*) as handles,
    max(profile_status) filter (renamed_to is null) as profile_status
  from marts.handles
  group by creator_id
),
profiled as (
  select
    coalesce(renamed.creator_id, profile.username) as creator_id,
    profile.*
  from core.users as profile
  left join core.renamed_handles as renamed using (username)
  qualify row_number() over (
    partition by coalesce(renamed.creator_id, profile.username)
    order by profile.observed_at desc, profile.username
  ) = 1
)
select
  named.username,
  creator_id,
  named.handles,
  coalesce(posted.videos_held, 0) as videos_held,
  posted.views_held,
  posted.likes_held,
  posted.first_video_at,
  posted.last_video_at,
  profile.display_name,
  profile.bio_description,
  profile.bio_url,
  profile.is_verified,
  profile.follower_count,
  profile.following_count,
  profile.likes_count,
  profile.video_count,
  named.profile_status,
  profile.observed_at
from named
left join posted using (creator_id)
left join profiled as profile using (creator_id)
-- An account that no video names and without a profile is listed in ops.account_coverage only.
where posted.creator_id is not null or profile.creator_id is not null;
