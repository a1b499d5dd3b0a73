"""Exit codes of the commands."""

from enum import IntEnum

from tt_pipeline.errors import (
    ConfigurationError,
    DailyRunWaiting,
    NotAuthorized,
    PriceNotConfirmed,
    QuotaExhausted,
    RequestLimitReached,
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
    """The exit code for an error: 2 only for study, settings and options, refused credentials and an open price."""
    if isinstance(error, QuotaExhausted | DailyRunWaiting | RequestLimitReached):
        return Exit.PAUSED
    if isinstance(error, SourceUnknown):  # a damaged file; nobody wrote it
        return Exit.FAILED
    if isinstance(error, ConfigurationError | NotAuthorized | PriceNotConfirmed):
        return Exit.WRONG_USAGE
    return Exit.FAILED
