-- Short ways to say what is said often. They live in the main schema, so that no prefix is needed.
-- Example: select video_url(video_id), id_time(video_id) from core.videos limit 3;

-- Page of a video. The handle in the address may be anything, so it needs no other column.
create or replace macro video_url(id) as 'https://www.tiktok.com/@/video/' || id::varchar;

-- When an id was given out, UTC: the high 32 bits of a video's or comment's id are a Unix second.
create or replace macro id_time(id) as to_timestamp(id::bigint >> 32);
