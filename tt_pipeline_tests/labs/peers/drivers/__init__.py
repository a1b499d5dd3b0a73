"""One script a peer, run in the peer's own environment: they may need what is in it, and the standard library."""
