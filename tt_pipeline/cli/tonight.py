"""What `tt up` says when it starts: why the next daily run will collect nothing, or not everything."""

from collections.abc import Iterator

from tt_pipeline.clock import today
from tt_pipeline.errors import ConfigurationError, LandingGone, QuotaNotConfirmed, SettingsError, StudyError
from tt_pipeline.ingestion import check_may_spend
from tt_pipeline.planning import open_coverage, unconfirmed_edits, waiting_sentence
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study, date_notices, read_study

_NOTHING = "Tonight's run collects nothing"
_RESTART = "then stop this command and start it again, because it reads the settings only when it starts."
_EDIT = "An edit of the study takes effect while this command runs."


def obstacles(settings: Settings) -> Iterator[str]:
    """Sentences about what will not be collected until somebody changes it; none for a study with mistakes."""
    try:
        study = read_study(settings.study_file)
    except (StudyError, OSError):  # `StudyWatch` shows them
        return
    try:
        check_may_spend(settings, study)
    except QuotaNotConfirmed as error:
        yield f"{_NOTHING}: {error} {_EDIT}"
    except SettingsError as error:
        yield f"{_NOTHING}: {error} Correct it, {_RESTART}"
    except ConfigurationError as error:
        yield f"{_NOTHING}: {error} {_RESTART.capitalize()}"
    except LandingGone as error:
        yield f"{_NOTHING}: {error}"
    yield from edits_that_wait(settings, study)
    yield from (f"Notice: {notice}" for notice in date_notices(study, today(settings.open_clock())))


def edits_that_wait(settings: Settings, study: Study) -> Iterator[str]:
    """A sentence about the days that Dagster leaves as they are because nobody has agreed to their price."""
    with open_coverage(settings, study) as coverage:
        unconfirmed = unconfirmed_edits(settings.files, coverage) if coverage else []
    if waits := waiting_sentence(unconfirmed, limit=study.quota.confirm_above):
        yield waits
