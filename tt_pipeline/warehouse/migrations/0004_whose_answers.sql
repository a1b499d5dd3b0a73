-- Version 4: the published file says whose answers it holds.
alter table ops.publish_info add column api_base_url VARCHAR;
