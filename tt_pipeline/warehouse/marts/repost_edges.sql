-- Grain: an account that reposts, and a creator whose videos it reposts.
-- Caveat: few accounts show their reposts, and only observed accounts are reposters here.
-- Example: select reposter, creator, videos from marts.repost_edges order by videos desc limit 10;
create or replace view marts.repost_edges as
select
  listed.username as reposter,
  video.username as creator,
  count(distinct listed.video_id) as videos,
  min(listed.observed_at) as first_seen_at,
  max(listed.observed_at) as last_seen_at
from core.user_listed_videos as listed
join core.videos as video using (video_id)
where listed.list = 'reposted' and video.username is not null
group by all;
