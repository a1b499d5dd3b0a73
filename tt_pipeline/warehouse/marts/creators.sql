-- Grain: an account: the creator of a collected video, or an account whose profile was requested.
-- Caveat: handles change, so one person can have two rows. Profile counts are live; sums cover only collected videos.
-- Example: select username, videos_held, views_held from marts.creators order by views_held desc limit 10;
create or replace view marts.creators as
with posted as (
  select
    video.username,
    count(*) as videos_held,
    sum(latest.view_count)::bigint as views_held,
    sum(latest.like_count)::bigint as likes_held,
    min(video.created_at) as first_video_at,
    max(video.created_at) as last_video_at
  from core.videos as video
  left join core.latest_video_snapshots as latest using (video_id)
  where video.username is not null
  group by video.username
)
select
  username,
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
  account.status as profile_status,
  profile.observed_at
from posted
full join core.users as profile using (username)
left join (select username, status from ops.account_coverage where list = 'profile') as account using (username);
