"""Every error has one exit code."""

import pytest

from tt_pipeline import errors
from tt_pipeline.cli.exits import Exit, exit_code
from tt_pipeline.errors import TtPipelineError

CODES = {
    "TtPipelineError": Exit.FAILED,
    "ConfigurationError": Exit.WRONG_USAGE,
    "SettingsError": Exit.WRONG_USAGE,
    "StudyError": Exit.WRONG_USAGE,
    "UsageError": Exit.WRONG_USAGE,
    "NoProject": Exit.WRONG_USAGE,
    "ForeignDataDir": Exit.WRONG_USAGE,
    "KeyChanged": Exit.WRONG_USAGE,
    "NetworkFolder": Exit.WRONG_USAGE,
    "SourceUnknown": Exit.FAILED,
    "ForeignInstance": Exit.WRONG_USAGE,
    "BackupUnusable": Exit.WRONG_USAGE,
    "QuotaNotConfirmed": Exit.WRONG_USAGE,
    "StudyEnded": Exit.WRONG_USAGE,
    "ServerUnreachable": Exit.FAILED,
    "NotAuthorized": Exit.WRONG_USAGE,
    "InvalidCredentials": Exit.WRONG_USAGE,
    "ScopeNotAuthorized": Exit.WRONG_USAGE,
    "PriceNotConfirmed": Exit.WRONG_USAGE,
    "RequestLimitReached": Exit.PAUSED,
    "QuotaExhausted": Exit.PAUSED,
    "DailyRunWaiting": Exit.PAUSED,
    "AlreadyServed": Exit.FAILED,
    "AnswerFromElsewhere": Exit.FAILED,
    "ApiError": Exit.FAILED,
    "TransientApiError": Exit.FAILED,
    "ServerFailure": Exit.FAILED,
    "RateLimited": Exit.FAILED,
    "TokenInvalid": Exit.FAILED,
    "SearchIdRefused": Exit.FAILED,
    "SearchRejected": Exit.FAILED,
    "WindowTooHeavy": Exit.FAILED,
    "AnswerRejected": Exit.FAILED,
    "UnexpectedResponse": Exit.FAILED,
    "LandingError": Exit.FAILED,
    "CorruptLanding": Exit.FAILED,
    "CollectionRuns": Exit.FAILED,
    "LeaseLost": Exit.FAILED,
    "LandedPagesUnreadable": Exit.FAILED,
    "ContinuedElsewhere": Exit.FAILED,
    "SharedLandingFailed": Exit.FAILED,
    "FileSetAside": Exit.FAILED,
    "PostgresUnusable": Exit.FAILED,
    "MoveFailed": Exit.FAILED,
    "LedgerNotMoved": Exit.WRONG_USAGE,
    "ClockWrong": Exit.FAILED,
    "StorageFailed": Exit.FAILED,
    "TombstonesUnusable": Exit.FAILED,
    "DemonstrationFailed": Exit.FAILED,
    "WarehouseError": Exit.FAILED,
    "WriterLocked": Exit.FAILED,
    "RestoredUnchecked": Exit.FAILED,
    "QueryStopped": Exit.FAILED,
    "SchemaMismatch": Exit.FAILED,
    "NewerFile": Exit.FAILED,
    "RebuildNeeded": Exit.FAILED,
    "AuditFailed": Exit.FAILED,
    "RebuildLoses": Exit.FAILED,
    "DeletionUnfinished": Exit.FAILED,
    "PublicationRefused": Exit.FAILED,
    "LandingGone": Exit.FAILED,
    "LandingIncomplete": Exit.FAILED,
    "ExportFailed": Exit.FAILED,
    "HandleLeft": Exit.FAILED,
    "TargetUnusable": Exit.FAILED,
}


def classes() -> dict[str, type[TtPipelineError]]:
    """Every error class by its name."""
    found = {name: value for name, value in vars(errors).items() if isinstance(value, type)}
    return {name: value for name, value in found.items() if issubclass(value, TtPipelineError)}


def test_every_error_class_has_its_exit_code_here() -> None:
    """A new class needs a decision: may the same command succeed without a change to study, settings or options?"""
    assert sorted(classes()) == sorted(CODES)


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_an_error_ends_a_command_with_its_code(name: str, code: Exit) -> None:
    """2: study, settings, options or credentials must change; 1: the same command may succeed later."""
    error_class = classes()[name]

    assert exit_code(error_class.__new__(error_class)) is code
