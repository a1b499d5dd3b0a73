"""The commands for learning: demo, simulate."""

import os
import signal
import threading
from typing import Annotated, Final

import typer

from tt_pipeline.cli.console import say, say_as_is
from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.options import UiPort
from tt_pipeline.clock import real_sleep
from tt_pipeline.errors import UsageError

_LOOK_EVERY_S: Final = 1
Port = Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Port on 127.0.0.1; 0 chooses a free one.")]


def demo(
    *,
    ui: Annotated[bool, typer.Option("--ui", help="Then serve the Dagster UI for it.")] = False,
    chaos: Annotated[bool, typer.Option("--chaos", help="Collect despite faults, a used-up quota and a kill.")] = False,
    next_day: Annotated[
        bool, typer.Option("--next-day", help="Let one day pass in the demo, and collect what is due on it.")
    ] = False,
    port: UiPort = 3000,
) -> None:
    """Collect 14 days of simulated TikTok into data/demo, publish and query them. Needs no credentials.

    All data are invented. To remove everything, delete data/demo.
    """
    if (ui, chaos, next_day).count(True) > 1:
        raise UsageError("Use one of --ui, --chaos and --next-day.")
    if next_day:
        from tt_pipeline.cli.next_day import run_next_day

        raise typer.Exit(run_next_day())
    if chaos:
        from tt_pipeline.cli.chaos import run_chaos

        raise typer.Exit(Exit.COMPLETE if run_chaos() else Exit.FAILED)
    from tt_pipeline.cli.demo import run_demo

    run_demo(ui_port=port if ui else None)


def simulate(
    *,
    port: Port = 8641,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed gives the same data.")] = 7,
    days: Annotated[int, typer.Option(metavar="N", min=1, max=3650, help="Days with data, up to yesterday.")] = 60,
    videos_per_day: Annotated[
        int, typer.Option(metavar="N", min=0, max=20_000, help="Videos posted on an average day.")
    ] = 600,
    quota: Annotated[int, typer.Option(metavar="N", min=0, help="Requests a day of the main bucket.")] = 1000,
    caller: Annotated[int | None, typer.Option(hidden=True, help="End with this parent process.")] = None,
) -> None:
    """Serve a simulated TikTok on 127.0.0.1 until interrupted: the one of `tt demo`, unless options change it.

    Prints its base URL first. The credentials are sim-key and sim-secret.
    """
    from tt_pipeline.settings import read_settings
    from tt_pipeline.simulator import Knobs, Simulator, World, serve

    if caller is not None:
        threading.Thread(target=_end_with, args=(caller,), daemon=True).start()
    clock = read_settings().open_clock()
    world = World.until_yesterday(clock.now(), seed=seed, days=days, videos_per_day=videos_per_day)
    simulator = Simulator(world, knobs=Knobs(quota_main=quota), now=clock.now)
    try:
        serve(simulator, port=port, on_ready=_announce)
    except OSError as error:
        raise UsageError(
            f"Port {port} cannot be opened ({os.strerror(error.errno or 0)}), perhaps as another `tt simulate` runs."
            " Choose another with --port, or 0 for a free one."
        ) from error


def _end_with(caller: int) -> None:
    """End this process when its parent has ended, also by a kill, after which nothing else would end it."""
    while os.getppid() == caller:
        real_sleep(_LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)


def _announce(base_url: str) -> None:
    print(base_url, flush=True)
    say("This is the simulated Research API with invented data, the same as in `tt demo`. Stop it with Ctrl-C.")
    say("In another terminal, type these two lines; then `tt init`, `tt collect` and all other commands work with it:")
    say_as_is(f"export TT_API_BASE_URL={base_url} TT_CLIENT_KEY=sim-key TT_CLIENT_SECRET=sim-secret")
    say_as_is("export TT_DATA_DIR=practice")
    say("The data dir is a separate one, because invented and real data must not be mixed.")
