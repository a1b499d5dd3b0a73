-- Version 3: what is left of what was deleted.
create table ops.deletions (
  subject VARCHAR not null,
  subject_sha256 VARCHAR not null,
  reason VARCHAR not null,
  deleted_at TIMESTAMP WITH TIME ZONE not null
);
