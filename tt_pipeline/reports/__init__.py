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
from tt_pipeline.reports.exports.extra_libraries import INSTALL, check_library, library_of
from tt_pipeline.reports.exports.folder import DESCRIPTION, Export, ExportedFile, check_is_new, files_of_export
from tt_pipeline.reports.exports.local_times import check_zone
from tt_pipeline.reports.exports.network_export import export_networks
from tt_pipeline.reports.exports.one_file import check_rows_file, write_rows
from tt_pipeline.reports.exports.read_back import OF_ACCOUNT, ReadNetwork, as_tuple
from tt_pipeline.reports.exports.sheet import Sheet, export_sheet
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.stata_spss import LONGEST_IN_SPSS
from tt_pipeline.reports.exports.tables import export_query, export_tables
from tt_pipeline.reports.exports.workbook_reading import (
    DAMAGES,
    SHARED,
    SheetPiece,
    column_of,
    parsed_row,
    pieces_of,
    shared_strings,
    sheets_of,
)
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
from tt_pipeline.reports.study_report.figures import Choices, Figure, study_choices, study_figures
from tt_pipeline.reports.study_report.notebook_files import NOTEBOOK, check_marimo, copy_notebook, write_notebook
from tt_pipeline.reports.study_report.selection import Selection
from tt_pipeline.reports.study_report.writing import (
    WrittenReport,
    methods_text,
    write_comparison,
    write_passport,
    write_report,
)
from tt_pipeline.warehouse import failed_checks

__all__ = [
    "DAMAGES",
    "DESCRIPTION",
    "INSTALL",
    "LONGEST_CELL",
    "LONGEST_IN_SPSS",
    "NOTE",
    "NOTEBOOK",
    "OF_ACCOUNT",
    "SHARED",
    "WORD_COLUMNS",
    "ChecksDue",
    "Choices",
    "Export",
    "ExportedFile",
    "Figure",
    "OnOpen",
    "Pseudonymous",
    "ReadNetwork",
    "Selection",
    "Shape",
    "Sheet",
    "SheetPiece",
    "Trace",
    "WrittenReport",
    "as_tuple",
    "attrition",
    "check_is_new",
    "check_library",
    "check_marimo",
    "check_rows_file",
    "check_zone",
    "checks_due",
    "column_of",
    "copy_notebook",
    "export_archive",
    "export_folders",
    "export_networks",
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
    "library_of",
    "list_failures",
    "make_key",
    "methods_text",
    "neutral",
    "open_warehouse",
    "parsed_row",
    "pieces_of",
    "published_at",
    "published_columns",
    "published_counts",
    "published_queries",
    "query_published",
    "read_identifier",
    "read_pseudonyms",
    "reading",
    "registered_copy",
    "shared_strings",
    "sheets_of",
    "study_choices",
    "study_figures",
    "trace",
    "unfinished_exports",
    "unreadable_answers",
    "videos_of_one_offs",
    "write_attrition",
    "write_comparison",
    "write_notebook",
    "write_passport",
    "write_report",
    "write_rows",
    "write_support_mail",
]
