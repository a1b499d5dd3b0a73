-- Version 2: what cannot be read, and which fields the API gave, as tables of their own.
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
  is_open BOOLEAN not null
);
create table ops.fields (
  dataset VARCHAR not null,
  field VARCHAR not null,
  is_known BOOLEAN not null,
  first_seen_at TIMESTAMP WITH TIME ZONE not null,
  last_seen_at TIMESTAMP WITH TIME ZONE not null
);
