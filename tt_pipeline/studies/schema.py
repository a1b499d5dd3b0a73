"""The JSON Schema of the study file, with which editors complete and check it while people type."""

from tt_pipeline.studies.forms import StudyForm


def study_schema() -> dict[str, object]:
    """The schema (draft 2020-12), generated from the forms that check the file."""
    schema = StudyForm.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "A study of tt_pipeline"}
