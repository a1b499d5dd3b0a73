-- Version 10: tombstones have keyed hashes, and there is a record of exports, deletions and restores.
alter table ops.deletions rename column subject_sha256 to subject_hmac;
create table ops.audit (
  done_at TIMESTAMP WITH TIME ZONE not null,
  done_by VARCHAR not null,
  what VARCHAR not null,
  counts VARCHAR not null,
  note VARCHAR
);
