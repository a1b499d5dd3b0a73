"""Runs Dagster's webserver so that only its own pages and programs can use it; `tt up` starts this module."""

from typing import Any

import dagster_webserver.cli
from dagster_webserver.app import create_app_from_workspace_process_context

from tt_pipeline.cli.code_server_watch import watch_less_often
from tt_pipeline.same_origin import SameOrigin
from tt_pipeline.settings import read_settings


def guarded_app(*arguments: Any, **options: Any) -> SameOrigin:
    """The web application of Dagster, guarded."""
    return SameOrigin(
        create_app_from_workspace_process_context(*arguments, **options), hosts=read_settings().ui_host_names
    )


def main() -> None:
    """Run the webserver with the options of `dagster-webserver`."""
    watch_less_often()
    vars(dagster_webserver.cli)["create_app_from_workspace_process_context"] = guarded_app
    dagster_webserver.cli.cli(auto_envvar_prefix="DAGSTER_WEBSERVER")


if __name__ == "__main__":
    main()
