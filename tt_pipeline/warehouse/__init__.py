"""What do the answers mean? This room loads landed pages into typed tables, checks them, and publishes the file.

It reads landed files through their `Location`. It sends no request, and other rooms decide when it runs.
"""

from tt_pipeline.warehouse.catalog import TABLES, TABLES_OF, Column, Privacy, Table
from tt_pipeline.warehouse.catalog.datapackage import (
    PROFILE,
    SIMULATOR,
    SOURCE,
    field_of,
    schema_of,
    title_of,
    warehouse_package,
)
from tt_pipeline.warehouse.catalog.ddi import ddi_codebook
from tt_pipeline.warehouse.catalog.ddl import SCHEMAS
from tt_pipeline.warehouse.catalog.dictionary import TableText, data_dictionary, text_of
from tt_pipeline.warehouse.catalog.model import SqlType, status_words
from tt_pipeline.warehouse.catalog.names import full_name, nearest_name
from tt_pipeline.warehouse.check_results import failed_checks
from tt_pipeline.warehouse.checks import CHECKS, Breach, CheckResult, Severity, run_checks
from tt_pipeline.warehouse.counting import table_counts, table_losses
from tt_pipeline.warehouse.first_rows import FirstRows, ResultColumn
from tt_pipeline.warehouse.hiding import BELOW_MISSING, MISSING, VERIFIED_AT, Hidden, HidingRule, items, unchecked_items
from tt_pipeline.warehouse.kept_marts import mart_of, wrong_marts
from tt_pipeline.warehouse.load import LoadReport, load_new
from tt_pipeline.warehouse.marts import caveat_of
from tt_pipeline.warehouse.marts import statements as mart_statements
from tt_pipeline.warehouse.publish import PublishReport, publish_file
from tt_pipeline.warehouse.published import (
    connect_published,
    open_published,
    published_landing,
    published_summary,
    query_file,
    query_first_rows,
    query_rows,
)
from tt_pipeline.warehouse.replacing import outdated_loads
from tt_pipeline.warehouse.scratch import delete_left_over_scratch, overflow_folder
from tt_pipeline.warehouse.targets import Target, open_target
from tt_pipeline.warehouse.writer import OF_DAMAGE, SCHEMA_VERSION, VERSION, Writer, is_unusable, read_every_row

__all__ = [
    "BELOW_MISSING",
    "CHECKS",
    "MISSING",
    "OF_DAMAGE",
    "PROFILE",
    "SCHEMAS",
    "SCHEMA_VERSION",
    "SIMULATOR",
    "SOURCE",
    "TABLES",
    "TABLES_OF",
    "VERIFIED_AT",
    "VERSION",
    "Breach",
    "CheckResult",
    "Column",
    "FirstRows",
    "Hidden",
    "HidingRule",
    "LoadReport",
    "Privacy",
    "PublishReport",
    "ResultColumn",
    "Severity",
    "SqlType",
    "Table",
    "TableText",
    "Target",
    "Writer",
    "caveat_of",
    "connect_published",
    "data_dictionary",
    "ddi_codebook",
    "delete_left_over_scratch",
    "failed_checks",
    "field_of",
    "full_name",
    "is_unusable",
    "items",
    "load_new",
    "mart_of",
    "mart_statements",
    "nearest_name",
    "open_published",
    "open_target",
    "outdated_loads",
    "overflow_folder",
    "publish_file",
    "published_landing",
    "published_summary",
    "query_file",
    "query_first_rows",
    "query_rows",
    "read_every_row",
    "run_checks",
    "schema_of",
    "status_words",
    "table_counts",
    "table_losses",
    "text_of",
    "title_of",
    "unchecked_items",
    "warehouse_package",
    "wrong_marts",
]
