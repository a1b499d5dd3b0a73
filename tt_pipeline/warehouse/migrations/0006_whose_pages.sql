-- Version 6: the published file says of which landing folder it is made, and how many files that folder had.
alter table ops.publish_info add column landing_id VARCHAR;
alter table ops.publish_info add column landed_files BIGINT;
