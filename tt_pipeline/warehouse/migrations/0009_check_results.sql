-- Version 9: the results of the checks, written by each publication.
create table ops.check_results (
  check_name VARCHAR not null,
  search VARCHAR,
  has_passed BOOLEAN not null,
  severity VARCHAR not null,
  message VARCHAR not null,
  counted BIGINT not null,
  out_of BIGINT,
  concerns VARCHAR,
  remedy VARCHAR,
  checked_at TIMESTAMP WITH TIME ZONE not null
);
