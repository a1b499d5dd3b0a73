"""Runs the command by `python -m tt_pipeline.cli`, for other processes that start it."""

from tt_pipeline.cli.entry import start

start()
