-- Version 10: tombstones have keyed hashes; records of exports, deletions and restores, and of checks of what is stored.
alter table ops.deletions rename column subject_sha256 to subject_hmac;
create table ops.audit (
  done_at TIMESTAMP WITH TIME ZONE not null,
  done_by VARCHAR not null,
  what VARCHAR not null,
  counts VARCHAR not null,
  note VARCHAR
);
create table ops.verifications (
  kind VARCHAR not null,
  item_id BIGINT not null,
  last_verified_at TIMESTAMP WITH TIME ZONE,
  first_missing_at TIMESTAMP WITH TIME ZONE,
  last_missing_at TIMESTAMP WITH TIME ZONE,
  missing_answers BIGINT,
  ways BIGINT
);
create table ops.compliance (
  stated_at TIMESTAMP WITH TIME ZONE not null,
  refresh_days BIGINT not null,
  hide_after_days BIGINT not null
);
