"""The assets: one sentence each."""
