"""Peers' loaders: each program runs in the peers' environment, on the same records, in a process of its own."""
