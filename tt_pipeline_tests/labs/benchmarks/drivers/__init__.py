"""Loaders of other tools: each program runs in its own environment and process, on the same records."""
