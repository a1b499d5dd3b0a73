"""One script for each public client, run in its environment, with its packages and the standard library."""
