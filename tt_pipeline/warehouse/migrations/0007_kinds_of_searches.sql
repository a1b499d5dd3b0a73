-- Version 7: searches of a study and one-off searches. The table is filled anew before each publication.
drop table ops.searches;
create table ops.searches (
  search VARCHAR not null,
  fingerprint VARCHAR not null,
  part_of VARCHAR not null,
  kind VARCHAR not null,
  query VARCHAR not null,
  first_date DATE,
  last_date DATE,
  is_current BOOLEAN not null,
  first_asked_at TIMESTAMP WITH TIME ZONE,
  last_asked_at TIMESTAMP WITH TIME ZONE
);
