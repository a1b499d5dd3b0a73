"""The study: study.yaml is read and checked, and becomes a Study with its searches and their fingerprints.

This room defines how people write a study, and the errors and notices they get. `coverage/` decides what is due.
"""

from tt_pipeline.studies.lookup import find_search
from tt_pipeline.studies.notices import date_notices
from tt_pipeline.studies.reading import read_study
from tt_pipeline.studies.schema import study_schema
from tt_pipeline.studies.search_sentence import numbered, sentence
from tt_pipeline.studies.study import (
    AccountRules,
    CommentRules,
    CommentSample,
    QuotaRules,
    Sample,
    Search,
    Study,
    StudyQuery,
    TopCreators,
    UserRules,
)
from tt_pipeline.studies.study_routine import routine
from tt_pipeline.studies.template import ENV_TEMPLATE, STUDY_TEMPLATE

__all__ = [
    "ENV_TEMPLATE",
    "STUDY_TEMPLATE",
    "AccountRules",
    "CommentRules",
    "CommentSample",
    "QuotaRules",
    "Sample",
    "Search",
    "Study",
    "StudyQuery",
    "TopCreators",
    "UserRules",
    "date_notices",
    "find_search",
    "numbered",
    "read_study",
    "routine",
    "sentence",
    "study_schema",
]
