-- Postgres runs this once, in its first start: the quota ledger is not in Dagster's database, so that either can be
-- backed up and deleted without the other.
create database ledger;
