"""`python -m tt_pipeline.cli`, for processes that start another."""

from tt_pipeline.cli.app import main

main()
