"""Runs Dagster's daemon so that it asks the code server less often whether it was replaced; for `tt up`."""

from dagster._daemon.cli import main

from tt_pipeline.cli.code_server_watch import watch_less_often

if __name__ == "__main__":
    watch_less_often()
    main()
