"""The JSON Schema of the study file, with which editors complete and check it while people type."""

import json
from typing import Final

from tt_pipeline.studies.forms import StudyForm

SCHEMA_FILE: Final = "study.schema.json"
"""The name of the schema beside the study."""
SCHEMA_LINE: Final = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"
"""The first line of a study, from which editors know the schema."""


def study_schema() -> dict[str, object]:
    """The schema (draft 2020-12), generated from the forms that check the file."""
    schema = StudyForm.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "A study of tt_pipeline"}


def schema_text() -> str:
    """The schema as the text of its file."""
    return json.dumps(study_schema(), indent=2, ensure_ascii=False) + "\n"
