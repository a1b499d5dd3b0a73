"""Several machines: real Postgres and object storage on the loopback, or in network namespaces."""
