"""A server with answers that no documentation allows, and the result of each."""
