-- Grain: a search, a version of its query and a month of posting. Videos that do not fit the query are left out.
-- Caveat: months have different exposures: older months have more looks, so more of their videos are gone. Compare
-- gone_per_100_days. share_gone is of the videos that were looked for: of all videos, those without a later look would
-- count as still there. A gone video is deleted, hidden or private, no longer matches the query, or was left out once: the API
-- does not say which.
-- Example: select month_date, videos_looked_for, videos_gone, share_gone, gone_per_100_days from marts.attrition where search = 'climate' and is_current order by month_date;
create or replace view marts.attrition as
select
  search,
  fingerprint,
  is_current,
  date_trunc('month', created_date)::date as month_date,
  count(*) as videos,
  count(*) filter (is_looked_for) as videos_looked_for,
  count(*) filter (is_gone) as videos_gone,
  count(*) filter (is_gone) / nullif(count(*) filter (is_looked_for), 0) as share_gone,
  sum(exposure_days) as exposure_days,
  100 * count(*) filter (is_gone) / nullif(sum(exposure_days), 0) as gone_per_100_days
from marts.video_survival
where matches is distinct from false
group by all;
