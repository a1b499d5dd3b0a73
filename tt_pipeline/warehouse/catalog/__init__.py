"""Each table and column once: DDL, comments in DuckDB, frame schemas and the data dictionary are made from here.

Columns are explained in the modules of their subject; what they become stands in `ddl.py` and `dictionary.py`.
"""

from tt_pipeline.codebook.fields import Privacy
from tt_pipeline.warehouse.catalog import comments, marts, ops, social, users, videos
from tt_pipeline.warehouse.catalog.model import Column, Loading, SqlType, Table

TABLES: dict[str, Table] = {
    table.full_name: table
    for table in (
        *videos.TABLES,
        *comments.TABLES,
        *users.TABLES,
        *social.TABLES,
        *ops.TABLES,
        *marts.TABLES,
    )
}
"""Every table and view by its full name, in the order of the data dictionary."""

__all__ = ["TABLES", "Column", "Loading", "Privacy", "SqlType", "Table"]
