"""The `tt` command: what people type, what they read, and how it ends.

Here belongs talking to a person: options, progress, tables, exit codes. Whatever is true without a person lies in the
rooms below. Commands import what they need when they run: Dagster alone costs more than a second.
"""

from tt_pipeline.cli.app import main

__all__ = ["main"]
