"""The definitions that `dagster dev` loads. Only this module reads files at import: the settings and the study."""

from tt_pipeline.dagster_folder import home_of
from tt_pipeline.file_modes import keep_private
from tt_pipeline.orchestration import build_definitions, without_study
from tt_pipeline.settings import read_settings
from tt_pipeline.studies import read_study

keep_private()  # `dagster dev` with a DAGSTER_HOME loads this module without the command line
_settings = read_settings()
home_of(_settings.files, _settings.dagster_home)  # raises if this is not the data dir's Dagster instance

_nothing = f"No study at {_settings.study_file.resolve()}: run `tt init`, edit the file, and reload this location."

defs = (
    build_definitions(_settings, read_study(_settings.study_file))
    if _settings.study_file.exists()
    else without_study(_nothing)
)
