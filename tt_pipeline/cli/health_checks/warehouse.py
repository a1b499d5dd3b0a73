"""Checks of the warehouse: the published file, the writer's file, and the quality of its tables."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tt_pipeline.cli.health_checks import Finding, Mark, note, ok, wrong
from tt_pipeline.clock import Clock, real_now
from tt_pipeline.counted import counted
from tt_pipeline.errors import TtPipelineError, WriterLocked
from tt_pipeline.ingestion import EVERY_FILE_IS_LOADED, check_writer, target_states
from tt_pipeline.landing import Inventory
from tt_pipeline.reports import open_warehouse, published_at
from tt_pipeline.safe_files import reading_if_free
from tt_pipeline.settings import Settings
from tt_pipeline.warehouse import CheckResult, Severity, Writer, wrong_marts

_STALE: Final = timedelta(days=2)
_LOADED_WITHIN: Final = timedelta(minutes=10)
"""Dagster loads what a run has landed in another run, which may have to wait."""
_OF_AN_EARLIER_VERSION: Final = "This happens at the next `tt collect` or `tt up`; the tables were not checked."
_FROM_LANDED: Final = "`tt rebuild` makes it again from the landed files and sends no request."


def check_published(settings: Settings, now: datetime) -> Finding:
    """Whether the published file can be opened, and how old it is."""
    published = settings.files.published
    if not published.exists():
        if Inventory(settings.files.landing).locations():
            return note("published", f"{published} does not exist. {_FROM_LANDED}")
        return note("published", f"{published} does not exist yet. `tt collect` publishes it.")
    try:
        open_warehouse(published).close()
        at = published_at(published)
    except WriterLocked as error:
        return wrong("published", f"{error}")
    except TtPipelineError as error:
        return wrong("published", f"{error} {_FROM_LANDED}")
    message = f"{published}, of {at:%Y-%m-%d %H:%M} UTC"
    if now - at > _STALE:
        return note(
            "published",
            f"{message}: {counted((now - at).days, 'day')} old. `tt collect` publishes what has landed since.",
        )
    return ok("published", message)


def check_targets(settings: Settings) -> Iterator[Finding]:
    """Whether each publish target has the latest publication, and nothing that was deleted; it is not opened."""
    states, configured = target_states(settings.files), settings.publish_target
    if configured and f"{configured}" not in states:
        yield note("publish target", f"nothing was published to {configured} yet. The next `tt collect` does.")
    for name, state in states.items():
        if state.owes_deletion:
            problem = state.problem or "no copy there was replaced since"
            yield wrong(
                "publish target",
                f"{name} may still have what was deleted ({problem}). Make it reachable: the next publication deletes "
                "it there. If it was moved, delete the data yourself.",
            )
        elif name == f"{configured}" and state.problem:
            says = f"{name} does not have the latest publication: {state.problem}. The next publication tries again."
            yield wrong("publish target", says)
        elif name == f"{configured}" and state.published_at:
            yield ok("publish target", f"{name}, of {state.published_at:%Y-%m-%d %H:%M} UTC")
        elif state.published_at:
            yield note(
                "publish target", f"{name} still has the publication of {state.published_at:%Y-%m-%d %H:%M} UTC."
            )


def check_writers_file(settings: Settings, clock: Clock, *, deep: bool) -> Iterator[Finding]:
    """Whether the writer's file can be read and no other program writes to it, then one finding for each check.

    Args:
        settings: The data dir.
        clock: The clock of the settings.
        deep: Also check the keys of all rows, and compare every row of the kept marts with a full computation.
    """
    writer_file, inventory = settings.files.writer, Inventory(settings.files.landing)
    if not writer_file.exists():
        if settings.files.published.exists():
            yield note(
                "writer's file", f"{writer_file} is gone. The next `tt collect` makes it again; it loses no row."
            )
        else:
            yield ok("writer's file", "not created yet")
        return
    with reading_if_free(settings.files.internal / "writer.lease") as is_free:
        if not is_free:
            yield note("writer's file", "a process of tt_pipeline is loading. Run `tt doctor` again when it has ended.")
            return
        is_collecting = inventory.is_being_collected()
        try:
            with Writer(writer_file, clock, is_read_only=True) as writer:
                if update := writer.coming_update():
                    yield note("writer's file", f"{update}. {_OF_AN_EARLIER_VERSION}")
                    return
                checks = check_writer(writer, inventory.files(), is_whole=deep)
            wrong_ones = wrong_marts(writer_file) if deep else []
        except Exception as error:  # noqa: BLE001 — DuckDB raises many things over a damaged file
            yield wrong("writer's file", _problem(error, writer_file))
            return
    yield ok("writer's file", f"{writer_file}: no other program uses it")
    is_collecting = is_collecting or inventory.is_being_collected()
    landed_now = {file.load_id for file in inventory.changed_since(real_now() - _LOADED_WITHIN)}
    passed = [check.name for check in checks if check.passed]
    yield ok("checks of tables", f"{len(passed)} of {len(checks)} passed: {', '.join(passed)}")
    if wrong_ones:
        yield wrong("kept marts", f"rows of {', '.join(wrong_ones)} are not what their views say. {_FROM_LANDED}")
    elif deep:
        yield ok("kept marts", "every row is what the views say")
    for check in (check for check in checks if not check.passed):
        yield _of_check(check, is_collecting=is_collecting, landed_now=landed_now)


def _problem(error: Exception, writer_file: Path) -> str:
    if isinstance(error, TtPipelineError):
        return str(error)
    return f"{writer_file} cannot be read ({error}). {_FROM_LANDED} The next `tt collect` does the same."


def _of_check(check: CheckResult, *, is_collecting: bool, landed_now: Collection[str]) -> Finding:
    if check.name == EVERY_FILE_IS_LOADED and (is_collecting or {*check.rows["load_id"]} <= {*landed_now}):
        return note(
            check.name, "a collection is running or has just ended; what it lands is loaded and published next."
        )
    mark = Mark.WRONG if check.severity is Severity.ERROR else Mark.NOTE
    return Finding(name=check.name, mark=mark, says=check.summary)
