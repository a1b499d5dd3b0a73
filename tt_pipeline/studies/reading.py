"""Read the study file: the entry point of this room."""

from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from tt_pipeline.studies.build_study import build_study
from tt_pipeline.studies.forms import StudyForm
from tt_pipeline.studies.notices import notices_of
from tt_pipeline.studies.problems import problems_of
from tt_pipeline.studies.source import read_document
from tt_pipeline.studies.study import Study
from tt_pipeline.studies.value_files import with_value_files


def read_study(file: Path) -> Study:
    """Read and check a study file and the value files it names.

    Raises:
        StudyError: All problems in the file's order, each with its line.
    """
    document = with_value_files(read_document(file))
    try:
        form = StudyForm.model_validate(document.content)
    except ValidationError as found:
        # With the cause, pydantic's message and the input would be shown below ours.
        raise document.error(problems_of(found, document)) from None
    study = build_study(form, file)
    return replace(study, notices=tuple(notices_of(form, study)))
