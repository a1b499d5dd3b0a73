"""What was asked? From study.yaml to values: the study, its searches, their fingerprints.

Here belongs how people write a study and what they are told about it. What is due by it decides `ingestion/`.
"""

from tt_pipeline.studies.reading import read_study
from tt_pipeline.studies.study import CommentRules, QuotaRules, Search, Study, UserRules

__all__ = ["CommentRules", "QuotaRules", "Search", "Study", "UserRules", "read_study"]
