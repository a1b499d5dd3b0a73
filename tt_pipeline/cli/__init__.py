"""The `tt` command: its options, output and exit codes.

This room only handles input and output; the rooms below do the work. Commands import what they need when they run,
because importing Dagster alone takes more than a second.
"""

from tt_pipeline.cli.entry import main, start

__all__ = ["main", "start"]
