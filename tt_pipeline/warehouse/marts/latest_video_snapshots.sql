-- Grain: a video, with its counts on the last UTC day on which it was seen. If that day has several, the last counts
-- with favorites_count are used, because lists of accounts do not return it. The last observation in marts.video_growth
-- is the same.
-- Caveat: counts are archive counts, up to 10 days older than observed_at.
-- Example: select video_id, view_count from core.latest_video_snapshots order by view_count desc limit 10;
create or replace view core.latest_video_snapshots as
with seen as (
  select
    video_id,
    -- Days of Unix time: a division finds them in half the time of a cast, which asks for the time zone.
    max(epoch_us(observed_at) // 86_400_000_000) as observed_day,
    count(distinct epoch_us(observed_at) // 86_400_000_000) as observations
  from core.video_snapshots
  group by video_id
),
aged as (
  select
    snapshot.video_id,
    snapshot.view_count
  from core.video_snapshots as snapshot
  join core.videos as video using (video_id)
  where snapshot.view_count is not null
    -- By the second in the id: joining all snapshots with their videos would be slow.
    and epoch(snapshot.observed_at) - (snapshot.video_id >> 32) between 11 * 86400 and 16 * 86400
    and epoch_us(snapshot.observed_at) // 86_400_000_000 - epoch(video.created_date)::bigint // 86_400 between 12 and 14
  qualify row_number() over (
    partition by snapshot.video_id
    order by snapshot.observed_at, snapshot.load_id
  ) = 1
)
select
  video_snapshots.*,
  seen.observations,
  aged.view_count as view_count_at_12_days
-- Join first, so that only the rows of one day have to be sorted.
from core.video_snapshots
join seen using (video_id)
left join aged using (video_id)
where epoch_us(video_snapshots.observed_at) // 86_400_000_000 = seen.observed_day
qualify row_number() over (
  partition by video_id
  order by favorites_count is null, observed_at desc, load_id desc
) = 1;
