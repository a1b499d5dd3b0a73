-- Version 5: what cannot be read and is no longer asked for. The table is filled anew before each publication.
drop table ops.quarantine;
create table ops.quarantine (
  file VARCHAR not null,
  line BIGINT not null,
  dataset VARCHAR not null,
  search VARCHAR,
  subject VARCHAR,
  window_from_date DATE not null,
  window_to_date DATE not null,
  fetched_at TIMESTAMP WITH TIME ZONE,
  log_id VARCHAR,
  records BIGINT,
  reason VARCHAR not null,
  is_open BOOLEAN not null,
  is_given_up BOOLEAN not null
);
