"""Runs `dagster dev` with the guarded webserver in place of Dagster's own; `tt up` starts this module.

Dagster has no option for another webserver: `dagster dev` starts it by its module name, which is replaced here.
"""

from collections.abc import Sequence
from subprocess import Popen
from typing import Any, Final

from dagster._cli import dev

_GUARDED: Final = {"dagster_webserver": "tt_pipeline.cli.guarded_webserver"}


def guarded(command: Sequence[str]) -> list[str]:
    """The command, with the guarded webserver if it starts Dagster's.

    Raises:
        RuntimeError: It starts something unknown, which could be an unguarded webserver.
    """
    module = command[2]
    if module not in {*_GUARDED, "dagster._daemon"}:
        raise RuntimeError(f"This version of Dagster starts {module}, which tt_pipeline does not know.")
    return [*command[:2], _GUARDED.get(module, module), *command[3:]]


def main() -> None:
    """Run `dagster dev` with its own options."""
    start = vars(dev)["open_ipc_subprocess"]

    def start_guarded(command: Sequence[str], **options: Any) -> "Popen[Any]":
        process: Popen[Any] = start(guarded(command), **options)
        return process

    vars(dev)["open_ipc_subprocess"] = start_guarded
    dev.dev_command()


if __name__ == "__main__":
    main()
