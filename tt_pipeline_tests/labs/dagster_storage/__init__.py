"""How large Dagster's storage becomes: 1,000 runs of the product, before and after what `old_runs` does to them."""
