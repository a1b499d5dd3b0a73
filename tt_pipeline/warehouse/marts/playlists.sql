-- Grain: a playlist, as last seen.
-- Caveat: item_total is TikTok's count; core.playlist_videos has the videos that the API returned.
-- Example: select username, name, item_total from core.playlists order by item_total desc;
create or replace view core.playlists as
select
  playlist_id,
  username,
  name,
  item_total,
  last_updated_at,
  look,
  observed_at
from core.playlist_snapshots
qualify row_number() over (partition by playlist_id order by observed_at desc, look desc, load_id desc) = 1;
