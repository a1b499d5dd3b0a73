"""The Dagster UI and the simulator's admin routes in a real browser, for their own pages and for pages of others."""
