-- The tables of version 1, as tt_pipeline made them: what migrations start from. Never changed.
create schema if not exists core;
create schema if not exists ops;
create schema if not exists marts;
create table core.videos (
  video_id BIGINT not null,
  username VARCHAR,
  region_code VARCHAR,
  created_at TIMESTAMP WITH TIME ZONE,
  created_date DATE,
  description VARCHAR,
  music_id BIGINT,
  duration_s BIGINT,
  voice_to_text VARCHAR,
  is_stem_verified BOOLEAN,
  video_label VARCHAR,
  video_tag VARCHAR,
  playlist_id BIGINT,
  first_observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.video_versions (
  video_id BIGINT not null,
  username VARCHAR,
  region_code VARCHAR,
  created_at TIMESTAMP WITH TIME ZONE,
  created_date DATE,
  description VARCHAR,
  music_id BIGINT,
  duration_s BIGINT,
  voice_to_text VARCHAR,
  is_stem_verified BOOLEAN,
  video_label VARCHAR,
  video_tag VARCHAR,
  playlist_id BIGINT,
  first_observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.video_snapshots (
  video_id BIGINT not null,
  observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null,
  like_count BIGINT,
  comment_count BIGINT,
  share_count BIGINT,
  view_count BIGINT,
  favorites_count BIGINT
);
create table core.search_hits (
  search VARCHAR not null,
  fingerprint VARCHAR not null,
  video_id BIGINT not null,
  matches BOOLEAN,
  draw BIGINT,
  first_observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.video_hashtags (
  video_id BIGINT not null,
  hashtag_name VARCHAR not null,
  hashtag_id BIGINT,
  first_observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.hashtags (
  hashtag_id BIGINT not null,
  hashtag_name VARCHAR,
  description VARCHAR,
  first_observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.video_effects (
  video_id BIGINT not null,
  effect_id BIGINT not null,
  effect_name VARCHAR,
  first_observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.video_mentions (
  video_id BIGINT not null,
  username VARCHAR not null,
  first_observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.video_stickers (
  video_id BIGINT not null,
  sticker_id BIGINT,
  sticker_name VARCHAR,
  first_observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.comments (
  comment_id BIGINT not null,
  video_id BIGINT not null,
  parent_comment_id BIGINT,
  is_reply BOOLEAN,
  created_at TIMESTAMP WITH TIME ZONE,
  created_date DATE,
  text VARCHAR,
  first_observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.comment_snapshots (
  comment_id BIGINT not null,
  observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null,
  like_count BIGINT,
  reply_count BIGINT
);
create table core.users (
  username VARCHAR not null,
  display_name VARCHAR,
  bio_description VARCHAR,
  bio_url VARCHAR,
  avatar_url VARCHAR,
  is_verified BOOLEAN,
  follower_count BIGINT,
  following_count BIGINT,
  likes_count BIGINT,
  video_count BIGINT,
  refusal VARCHAR,
  observed_at TIMESTAMP WITH TIME ZONE not null,
  last_asked_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.user_snapshots (
  username VARCHAR not null,
  observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null,
  refusal VARCHAR,
  display_name VARCHAR,
  bio_description VARCHAR,
  bio_url VARCHAR,
  avatar_url VARCHAR,
  is_verified BOOLEAN,
  follower_count BIGINT,
  following_count BIGINT,
  likes_count BIGINT,
  video_count BIGINT
);
create table core.list_snapshots (
  list VARCHAR not null,
  username VARCHAR not null,
  look BIGINT not null,
  load_id VARCHAR not null,
  pages BIGINT not null,
  first_fetched_at TIMESTAMP WITH TIME ZONE not null,
  last_fetched_at TIMESTAMP WITH TIME ZONE not null,
  refusal VARCHAR,
  ends VARCHAR
);
create table core.follow_snapshots (
  seen_in VARCHAR not null,
  follower VARCHAR not null,
  followed VARCHAR not null,
  look BIGINT not null,
  observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.listed_video_snapshots (
  list VARCHAR not null,
  username VARCHAR not null,
  look BIGINT not null,
  video_id BIGINT not null,
  observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table core.playlist_snapshots (
  playlist_id BIGINT not null,
  username VARCHAR not null,
  look BIGINT not null,
  observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null,
  name VARCHAR,
  item_total BIGINT,
  last_updated_at TIMESTAMP WITH TIME ZONE
);
create table core.playlist_video_snapshots (
  playlist_id BIGINT not null,
  look BIGINT not null,
  video_id BIGINT not null,
  position BIGINT not null,
  observed_at TIMESTAMP WITH TIME ZONE not null,
  load_id VARCHAR not null
);
create table ops.loads (
  load_id VARCHAR not null,
  dataset VARCHAR not null,
  search VARCHAR,
  fingerprint VARCHAR,
  look BIGINT not null,
  window_from_date DATE not null,
  window_to_date DATE not null,
  is_random BOOLEAN not null,
  ends VARCHAR,
  lines BIGINT not null,
  records_in BIGINT not null,
  rows_loaded BIGINT not null,
  duplicates BIGINT not null,
  rejected BIGINT not null,
  strays BIGINT not null,
  odd_values BIGINT not null,
  refusals BIGINT not null,
  redacted BIGINT not null,
  first_fetched_at TIMESTAMP WITH TIME ZONE not null,
  last_fetched_at TIMESTAMP WITH TIME ZONE not null,
  loaded_at TIMESTAMP WITH TIME ZONE not null,
  made_by VARCHAR not null
);
create table ops.rejections (
  load_id VARCHAR not null,
  fetched_at TIMESTAMP WITH TIME ZONE not null,
  sha256 VARCHAR not null,
  log_id VARCHAR,
  records BIGINT not null,
  reason VARCHAR not null
);
create table ops.requests (
  request_id BIGINT not null,
  bucket VARCHAR not null,
  quota_date DATE not null,
  is_charged BOOLEAN not null,
  endpoint VARCHAR not null,
  study VARCHAR not null,
  dataset VARCHAR not null,
  search VARCHAR,
  day_date DATE,
  run_id VARCHAR,
  reserved_at TIMESTAMP WITH TIME ZONE not null,
  settled_at TIMESTAMP WITH TIME ZONE,
  status BIGINT,
  code VARCHAR,
  log_id VARCHAR,
  records BIGINT,
  slots BIGINT,
  hidden BIGINT,
  seconds DOUBLE
);
create table ops.searches (
  search VARCHAR not null,
  fingerprint VARCHAR not null,
  part_of VARCHAR not null,
  query VARCHAR not null,
  first_date DATE,
  last_date DATE,
  is_current BOOLEAN not null,
  first_asked_at TIMESTAMP WITH TIME ZONE,
  last_asked_at TIMESTAMP WITH TIME ZONE
);
create table ops.search_coverage (
  search VARCHAR not null,
  fingerprint VARCHAR not null,
  day_date DATE not null,
  status VARCHAR not null,
  looks BIGINT not null,
  pages DOUBLE not null,
  slots DOUBLE not null,
  records BIGINT,
  strays DOUBLE not null,
  hidden DOUBLE not null,
  requests DOUBLE,
  first_asked_at TIMESTAMP WITH TIME ZONE,
  last_asked_at TIMESTAMP WITH TIME ZONE,
  note VARCHAR
);
create table ops.comment_coverage (
  video_id BIGINT not null,
  status VARCHAR not null,
  comment_count_seen BIGINT,
  comments_held BIGINT not null,
  pages BIGINT not null,
  last_asked_at TIMESTAMP WITH TIME ZONE,
  stratum VARCHAR,
  inclusion_probability DOUBLE,
  is_sampled BOOLEAN
);
create table ops.account_coverage (
  username VARCHAR not null,
  list VARCHAR not null,
  status VARCHAR not null,
  observations BIGINT not null,
  records_held BIGINT not null,
  last_asked_at TIMESTAMP WITH TIME ZONE
);
create table ops.publish_info (
  published_at TIMESTAMP WITH TIME ZONE not null,
  schema_version BIGINT not null,
  made_by VARCHAR not null,
  duckdb_version VARCHAR not null,
  videos BIGINT not null,
  comments BIGINT not null,
  users BIGINT not null,
  loads BIGINT not null,
  last_fetched_at TIMESTAMP WITH TIME ZONE
);
create table ops.known_breaks (
  from_date DATE not null,
  to_date DATE,
  concerns VARCHAR not null,
  axis VARCHAR not null,
  what VARCHAR not null,
  source VARCHAR not null
);
create table ops.schema_versions (
  version BIGINT not null,
  applied_at TIMESTAMP WITH TIME ZONE not null,
  made_by VARCHAR not null
);
