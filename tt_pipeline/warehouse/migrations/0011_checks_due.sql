-- Version 11: how many stored items were seen or checked last on which day.
create table ops.checks_due (
  kind VARCHAR not null,
  verified_on DATE not null,
  hidden_on DATE,
  items BIGINT not null,
  missing BIGINT not null
);
