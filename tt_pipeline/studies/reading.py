"""Read the study file: the entry point of this room."""

from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from tt_pipeline.studies.build_study import build_study
from tt_pipeline.studies.document import Document
from tt_pipeline.studies.forms import StudyForm
from tt_pipeline.studies.notices import notices_of
from tt_pipeline.studies.problems import problems_of
from tt_pipeline.studies.remaining_notices import remaining_notices
from tt_pipeline.studies.source import parse_document, read_document
from tt_pipeline.studies.study import Study
from tt_pipeline.studies.value_files import with_value_files


def read_study(file: Path) -> Study:
    """Read and check a study file and the value files it names.

    Raises:
        StudyError: All problems in the file's order, each with its line.
    """
    return _study(read_document(file))


def parse_study(text: str, file: Path) -> Study:
    """Check the text of a study that is not written yet; `file` is where it will be.

    Raises:
        StudyError: All problems in the order of the text, each with its line.
    """
    return _study(parse_document(text, file))


def _study(document: Document) -> Study:
    document = with_value_files(document)
    try:
        form = StudyForm.model_validate(document.content)
    except ValidationError as found:
        # With the cause, pydantic's message and the input would be shown below ours.
        problems = problems_of(found, document)
        raise document.error(problems, notices=remaining_notices(document, problems)) from None
    study = build_study(form, document.file)
    return replace(study, notices=tuple(notices_of(form, study)))
