-- Version 12: whether profiles are requested again to verify them; the table is written again before each publication.
drop table ops.compliance;
create table ops.compliance (
  stated_at TIMESTAMP WITH TIME ZONE not null,
  refresh_days BIGINT not null,
  hide_after_days BIGINT not null,
  verifies_profiles BOOLEAN not null
);
