"""The study: study.yaml is read and checked, and becomes a Study with its searches and their fingerprints.

This room defines how people write a study, and the errors and notices they get. `coverage/` decides what is due.
"""

from tt_pipeline.studies.empty_study import study_or_empty
from tt_pipeline.studies.id_lists import IdList, read_id_list
from tt_pipeline.studies.lookup import find_search
from tt_pipeline.studies.notices import date_notices
from tt_pipeline.studies.reading import parse_study, read_study
from tt_pipeline.studies.schema import SCHEMA_FILE, SCHEMA_LINE, schema_text, study_schema
from tt_pipeline.studies.search_sentence import sentence
from tt_pipeline.studies.study import (
    CHECKS_PART_OF_QUOTA,
    AccountRules,
    AlertRules,
    CommentRules,
    CommentSample,
    ComplianceRules,
    PrivacyRules,
    QuotaRules,
    Sample,
    Search,
    Study,
    StudyQuery,
    TopCreators,
    UserRules,
)
from tt_pipeline.studies.study_of_ids import IdStudy, id_study
from tt_pipeline.studies.study_routine import routine
from tt_pipeline.studies.template import ENV_TEMPLATE, STUDY_TEMPLATE, Answers, study_text
from tt_pipeline.studies.value_files import files_of_study

__all__ = [
    "CHECKS_PART_OF_QUOTA",
    "ENV_TEMPLATE",
    "SCHEMA_FILE",
    "SCHEMA_LINE",
    "STUDY_TEMPLATE",
    "AccountRules",
    "AlertRules",
    "Answers",
    "CommentRules",
    "CommentSample",
    "ComplianceRules",
    "IdList",
    "IdStudy",
    "PrivacyRules",
    "QuotaRules",
    "Sample",
    "Search",
    "Study",
    "StudyQuery",
    "TopCreators",
    "UserRules",
    "date_notices",
    "files_of_study",
    "find_search",
    "id_study",
    "parse_study",
    "read_id_list",
    "read_study",
    "routine",
    "schema_text",
    "sentence",
    "study_or_empty",
    "study_schema",
    "study_text",
]
