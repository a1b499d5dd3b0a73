-- Grain: a video in a look at a list of an account.
-- Caveat: few accounts show their likes. If an account has no rows, marts.account_looks says whether the API refused
-- it.
-- Example: select list, count(distinct video_id) as videos from core.user_listed_videos group by list;
create or replace view core.user_listed_videos as
with begun as (
  select
    list,
    username,
    look,
    min(first_fetched_at) as observed_at
  from core.list_snapshots
  group by all
)
select distinct
  username,
  list,
  listed.video_id,
  look,
  begun.observed_at
from core.listed_video_snapshots as listed
join begun using (list, username, look);
