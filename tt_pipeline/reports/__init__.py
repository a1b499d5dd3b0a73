"""What do people see? Queries of the published warehouse, exports, and the origin of each row.

This room reads the published file and writes exports. It sends no request and does not change the warehouse; `cli/`
decides what the terminal shows.
"""

from tt_pipeline.reports.answers import (
    OnOpen,
    failed_checks_of,
    first_rows_published,
    open_warehouse,
    published_at,
    published_columns,
    published_counts,
    published_queries,
    query_published,
    reading,
    videos_of_one_offs,
)
from tt_pipeline.reports.check_dates import ChecksDue, checks_due
from tt_pipeline.reports.exports.archive import NOTE, export_archive
from tt_pipeline.reports.exports.column_formats import LONGEST_CELL, neutral
from tt_pipeline.reports.exports.folder import DESCRIPTION, Export, check_is_new, files_of_export
from tt_pipeline.reports.exports.one_file import check_rows_file, write_rows
from tt_pipeline.reports.exports.sheet import Sheet, export_sheet
from tt_pipeline.reports.exports.tables import Shape, export_query, export_tables
from tt_pipeline.reports.provenance.export_registry import (
    export_folders,
    exported_elsewhere,
    forget_export,
    registered_copy,
    unfinished_exports,
)
from tt_pipeline.reports.provenance.identifier import WORD_COLUMNS, read_identifier
from tt_pipeline.reports.provenance.support_mail import (
    failed_requests,
    list_failures,
    unreadable_answers,
    write_support_mail,
)
from tt_pipeline.reports.provenance.trace import Trace, trace
from tt_pipeline.reports.pseudonymous.key import make_key, read_pseudonyms
from tt_pipeline.reports.pseudonymous.pseudonymised import Pseudonymous
from tt_pipeline.reports.returned_ids import attrition, write_attrition
from tt_pipeline.warehouse import failed_checks

__all__ = [
    "DESCRIPTION",
    "LONGEST_CELL",
    "NOTE",
    "WORD_COLUMNS",
    "ChecksDue",
    "Export",
    "OnOpen",
    "Pseudonymous",
    "Shape",
    "Sheet",
    "Trace",
    "attrition",
    "check_is_new",
    "check_rows_file",
    "checks_due",
    "export_archive",
    "export_folders",
    "export_query",
    "export_sheet",
    "export_tables",
    "exported_elsewhere",
    "failed_checks",
    "failed_checks_of",
    "failed_requests",
    "files_of_export",
    "first_rows_published",
    "forget_export",
    "list_failures",
    "make_key",
    "neutral",
    "open_warehouse",
    "published_at",
    "published_columns",
    "published_counts",
    "published_queries",
    "query_published",
    "read_identifier",
    "read_pseudonyms",
    "reading",
    "registered_copy",
    "trace",
    "unfinished_exports",
    "unreadable_answers",
    "videos_of_one_offs",
    "write_attrition",
    "write_rows",
    "write_support_mail",
]
