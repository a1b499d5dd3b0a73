"""The assets; each body calls one function of `ingestion`."""
