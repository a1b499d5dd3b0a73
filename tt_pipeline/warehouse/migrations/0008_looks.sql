-- Version 8: each day with its latest look, every look as a row, and the weight of each drawn video. All three tables are
-- filled before each publication.
drop table ops.search_coverage;
create table ops.search_coverage (
  search VARCHAR not null,
  fingerprint VARCHAR not null,
  day_date DATE not null,
  kind VARCHAR not null,
  status VARCHAR not null,
  looks BIGINT not null,
  looks_planned BIGINT not null,
  has_last_look BOOLEAN not null,
  pages DOUBLE not null,
  slots BIGINT,
  records BIGINT,
  strays BIGINT,
  hidden BIGINT,
  requests DOUBLE,
  first_asked_at TIMESTAMP WITH TIME ZONE,
  last_asked_at TIMESTAMP WITH TIME ZONE,
  note VARCHAR
);
create table ops.look_coverage (
  load_id VARCHAR not null,
  search VARCHAR not null,
  fingerprint VARCHAR not null,
  is_current BOOLEAN not null,
  day_date DATE not null,
  look BIGINT,
  draw BIGINT,
  ends VARCHAR,
  records BIGINT not null,
  pages DOUBLE not null,
  requests DOUBLE,
  slots BIGINT,
  hidden BIGINT,
  window_from_date DATE not null,
  window_to_date DATE not null,
  window_records BIGINT not null,
  window_strays BIGINT not null,
  window_slots BIGINT,
  window_hidden BIGINT,
  first_asked_at TIMESTAMP WITH TIME ZONE not null,
  last_asked_at TIMESTAMP WITH TIME ZONE not null
);
alter table ops.comment_coverage add column weight DOUBLE;
