-- Version 11: how many stored items were seen or checked last on which day; lines of the audit log have numbers.
create table ops.checks_due (
  kind VARCHAR not null,
  verified_date DATE not null,
  hidden_date DATE,
  items BIGINT not null,
  missing BIGINT not null
);
-- It is written again from the audit log before each publication.
drop table ops.audit;
create table ops.audit (
  line BIGINT not null,
  done_at TIMESTAMP WITH TIME ZONE not null,
  done_by VARCHAR not null,
  what VARCHAR not null,
  counts VARCHAR not null,
  note VARCHAR
);
