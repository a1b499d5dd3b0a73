"""One-off collections: a search, or some accounts and videos, without a study that plans them.

They land like everything else, under the reserved name `once`, and no study counts them. What has landed is not
requested again: a collection that is repeated continues where it stopped.
"""

from tt_pipeline.ingestion.once.extent import Extent
from tt_pipeline.ingestion.once.landed_search import OneSearch, Position, landed_search
from tt_pipeline.ingestion.once.searches import collect_search, pages_of_search
from tt_pipeline.ingestion.once.subjects import Subjects, collect_subjects, looks_of, pages_of_subjects, subject_records

__all__ = [
    "Extent",
    "OneSearch",
    "Position",
    "Subjects",
    "collect_search",
    "collect_subjects",
    "landed_search",
    "looks_of",
    "pages_of_search",
    "pages_of_subjects",
    "subject_records",
]
