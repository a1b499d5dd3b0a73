"""The Dagster UI and the simulator's admin routes in a browser, for their own pages and pages of other sites."""
