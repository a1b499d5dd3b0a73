"""Exit codes of the commands."""

from enum import IntEnum

from tt_pipeline.errors import ConfigurationError, NotAuthorized, QuotaExhausted, TtPipelineError, WriterLocked


class Exit(IntEnum):
    """Exit codes; a failure takes precedence over a pause."""

    COMPLETE = 0
    FAILED = 1
    WRONG_USAGE = 2
    PAUSED = 75
    INTERRUPTED = 130


def exit_code(error: TtPipelineError) -> Exit:
    """The exit code for an error."""
    if isinstance(error, QuotaExhausted):
        return Exit.PAUSED
    if isinstance(error, ConfigurationError | NotAuthorized | WriterLocked):
        return Exit.WRONG_USAGE
    return Exit.FAILED
