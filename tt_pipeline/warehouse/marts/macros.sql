-- Functions for frequent expressions. They are in the main schema, so their names need no prefix.
-- Example: select video_url(video_id), id_time(video_id), local_time(created_at, 'Europe/Berlin') from core.videos limit 3;

-- TikTok ignores the handle in the address, so it is left empty.
create or replace macro video_url(id) as 'https://www.tiktok.com/@/video/' || id::varchar;
comment on macro video_url is 'Page of a video on tiktok.com, by its id as number or text.';

create or replace macro id_time(id) as to_timestamp(id::bigint >> 32);
comment on macro id_time is 'When an id was given out, UTC: the high 32 bits of a video''s or comment''s id are a Unix second.';

-- Uses the time zones of ICU, which is part of DuckDB's wheel for Python: nothing is downloaded.
create or replace macro local_time(ts, zone) as timezone(zone, ts);
comment on macro local_time is 'What clocks in a zone such as Europe/Berlin showed at an instant; summer time is respected. TIMESTAMP without zone.';

create or replace macro engagement_rate(likes, comments, shares, views) as
  (likes + comments + shares)::double / nullif(views, 0);
comment on macro engagement_rate is 'Likes, comments and shares by view. NULL where one of the four is missing, or nobody has viewed. Beyond 1 is possible: archive counts are not of one instant.';
