"""Exit codes of the commands."""

from enum import IntEnum

from tt_pipeline.errors import (
    ConfigurationError,
    DailyRunWaiting,
    NotAuthorized,
    QuotaExhausted,
    SourceUnknown,
    TtPipelineError,
)


class Exit(IntEnum):
    """Exit codes; a failure takes precedence over a pause."""

    COMPLETE = 0
    FAILED = 1
    WRONG_USAGE = 2
    PAUSED = 75
    INTERRUPTED = 130
    TERMINATED = 143


def exit_code(error: TtPipelineError) -> Exit:
    """The exit code for an error: 2 only for study, settings and options, and for refused credentials."""
    if isinstance(error, QuotaExhausted | DailyRunWaiting):
        return Exit.PAUSED
    if isinstance(error, SourceUnknown):  # a damaged file; nobody wrote it
        return Exit.FAILED
    if isinstance(error, ConfigurationError | NotAuthorized):
        return Exit.WRONG_USAGE
    return Exit.FAILED
